import type { AgentKey } from '#shared/agents/gate.ts'
import { type EndQueuedDependencies, endQueued } from './end-queued.ts'

const PAGE = 100

/**
 * Cancels everything in an agent's mailbox.
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
  let cancelled = 0
  for (;;) {
    const before = cancelled
    for (const { executionId } of await dependencies.admission.listWaiting(agent, PAGE)) {
      if (signal?.aborted) return cancelled
      const record = await dependencies.executions.get({ tenant: agent.tenant, executionId })
      if (record?.place === undefined) continue
      if ((await endQueued(dependencies, record, { status: 'cancelled', detail })) === 'ended') cancelled += 1
    }
    if (cancelled === before) return cancelled
  }
}
