import type { AgentKey } from '#shared/agents/gate.ts'
import { type EndQueuedDependencies, endQueued } from './end-queued.ts'
import type { ExecutionKey } from './execution-store.ts'

const PAGE = 100
/** Looks at one execution that others keep moving. */
const ROUNDS = 10

/**
 * Cancels everything of an agent that waits without a slot: in its mailbox, or for somebody in the middle of its work.
 *
 * @param detail - what cancelled it, for the errors
 * @param signal - ends it between two executions; the next call goes on
 * @returns how many were cancelled
 */
export async function cancelWaiting(
  dependencies: EndQueuedDependencies,
  agent: AgentKey,
  detail: string,
  signal?: AbortSignal,
): Promise<number> {
  const { admission, executions } = dependencies
  const { tenant } = agent
  const inMailbox = async () => (await admission.listWaiting(agent, PAGE)).map(({ executionId }) => ({ tenant, executionId }))
  const suspended = () => executions.listSuspended(agent, PAGE)
  let cancelled = 0
  for (const list of [inMailbox, suspended]) {
    for (let before = -1; before < cancelled && !signal?.aborted; ) {
      before = cancelled
      cancelled += await cancelAll(dependencies, await list(), detail, signal)
    }
  }
  return cancelled
}

async function cancelAll(
  dependencies: EndQueuedDependencies,
  keys: ExecutionKey[],
  detail: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  let cancelled = 0
  for (const key of keys) {
    if (signal?.aborted) break
    if (await cancelOne(dependencies, key, detail)) cancelled += 1
  }
  return cancelled
}

/** One that is moved within the mailbox meanwhile is cancelled at its new place. */
async function cancelOne(dependencies: EndQueuedDependencies, key: ExecutionKey, detail: string): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round++) {
    const record = await dependencies.executions.get(key)
    if (record?.place === undefined && !record?.suspended) return false
    if ((await endQueued(dependencies, record, { status: 'cancelled', detail })) === 'ended') return true
  }
  return false
}
