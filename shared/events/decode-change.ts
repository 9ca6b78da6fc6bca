import { fromAgentItem } from '#shared/agents/agent-item.ts'
import { toGate } from '#shared/agents/dynamo-gate-item.ts'
import { fromItem } from '#shared/executions/execution-item.ts'
import { DEFAULT_PRIORITY } from '#shared/protocol/limits.ts'
import type { Change } from './change.ts'

type Item = Record<string, unknown>

/** A write to the table of executions or to the registry, as a change stream tells of it. */
export type TableWrite = {
  key: { pk: string; sk: string }
  /** The item before; absent when it is new. */
  before?: Item | undefined
  /** The item after; absent when it was removed. */
  after?: Item | undefined
  /** RFC 3339. */
  at: string
}

const EXECUTION = /^T#([^#]+)#EXEC#/
const AGENT = /^T#([^#]+)$/
const GATE = /^T#([^#]+)#AGENT#(.+)$/

/**
 * What was written.
 *
 * @returns undefined for items that nothing follows from: mailboxes, subscriptions, expired executions, and what later versions store
 * @throws ZodError when the item is one of ours and yet is not
 */
export function decodeChange({ key: { pk, sk }, before, after, at }: TableWrite): Change | undefined {
  if (sk === 'EXEC' && EXECUTION.test(pk)) {
    return after && { kind: 'execution', at, before: before && toRecord(before), after: toRecord(after) }
  }
  if (sk === 'GATE') {
    const [, tenant, agentId] = GATE.exec(pk) ?? []
    const gate = toGate(after)
    return tenant !== undefined && agentId !== undefined && gate ? { kind: 'gate', agent: { tenant, agentId }, gate } : undefined
  }
  const [, tenant] = AGENT.exec(pk) ?? []
  if (tenant === undefined || !sk.startsWith('AGENT#')) return undefined
  return { kind: 'agent', tenant, at, before: before && toAgent(before), after: after && toAgent(after) }
}

/** Items of earlier versions lack some fields. */
const toAgent = (item: Item) => fromAgentItem({ revision: 1, ...item })
const toRecord = (item: Item) => fromItem({ priority: DEFAULT_PRIORITY, nextAttempt: Number(item.attempt) + 1, ...item })
