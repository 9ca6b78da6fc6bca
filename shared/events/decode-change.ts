import { fromAgentItem } from '#shared/agents/agent-item.ts'
import { toGate } from '#shared/agents/dynamo-gate-item.ts'
import { fromItem } from '#shared/executions/execution-item.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { EXECUTION_STATUSES } from '#shared/protocol/execution.ts'
import { DEFAULT_PRIORITY } from '#shared/protocol/limits.ts'
import type { Change } from './change.ts'
import { readKnown } from './read-known.ts'

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

/** Told of attributes that a later version has written, and this one does not know. `ignored`: so nothing follows from the change. */
export type OnUnknown = (unknown: { attributes: string[]; ignored: boolean }) => void

/**
 * What was written. During a deployment, a later version than this one may have done it: what is not known here is left out, and a change
 * that cannot be read without is as if it had not been.
 *
 * @returns undefined for items that nothing follows from: mailboxes, subscriptions, expired executions, and what later versions store
 * @throws ZodError when the item is one of ours and yet is not
 */
export function decodeChange({ key: { pk, sk }, before, after, at }: TableWrite, onUnknown: OnUnknown): Change | undefined {
  if (sk === 'EXEC' && EXECUTION.test(pk)) {
    const read = readBoth(before && { ...before, status: statusBefore(before) }, after, toRecord, onUnknown)
    return read?.after && { kind: 'execution', at, before: read.before, after: read.after }
  }
  if (sk === 'GATE') {
    const [, tenant, agentId] = GATE.exec(pk) ?? []
    const gate = toGate(after)
    return tenant !== undefined && agentId !== undefined && gate ? { kind: 'gate', agent: { tenant, agentId }, gate } : undefined
  }
  const [, tenant] = AGENT.exec(pk) ?? []
  if (tenant === undefined || !sk.startsWith('AGENT#')) return undefined
  const read = readBoth(before, after, toAgent, onUnknown)
  return read && { kind: 'agent', tenant, at, ...read }
}

/** @returns undefined when one of the two cannot be read without what is not known */
function readBoth<Value>(
  before: Item | undefined,
  after: Item | undefined,
  toValue: (item: Item) => Value,
  onUnknown: OnUnknown,
): { before: Value | undefined; after: Value | undefined } | undefined {
  const [one, other] = [before, after].map((item) => item && readKnown(item, toValue))
  const attributes = [...new Set([one, other].flatMap((read) => read?.unknown ?? []))]
  const ignored = [one, other].some((read) => read && !read.value)
  if (attributes.length > 0) onUnknown({ attributes, ignored })
  return ignored ? undefined : { before: one?.value, after: other?.value }
}

/** A status that is over was no end, and one that is not known here means no more than that: an execution that ends is not missed for it. */
const statusBefore = ({ status }: Item): unknown => (EXECUTION_STATUSES.some((known) => known === status) ? status : 'queued')

/** Items of earlier versions lack some fields. */
const toAgent = (item: Item): Agent => fromAgentItem({ revision: 1, ...item })
const toRecord = (item: Item): ExecutionRecord =>
  fromItem({ priority: DEFAULT_PRIORITY, nextAttempt: Number(item.attempt) + 1, ...item })
