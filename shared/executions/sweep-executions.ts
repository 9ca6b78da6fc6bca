import type { WorkQueue } from '#shared/messaging/work-queue.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { ExecutionKey, ExecutionStore } from './execution-store.ts'
import { QUEUE_PATIENCE_MS } from './start-execution.ts'

const PAGE = 100

export type SweepDependencies = { executions: ExecutionStore; workQueue: WorkQueue; clock: Clock }

/**
 * Queues again what nobody works on: executions whose worker let its lease expire, and queued ones whose message got lost. Harmless
 * for all others, since the lease decides who runs.
 *
 * @param signal - ends the sweep between two pages; the next one goes on
 * @returns how many executions were queued
 */
export async function sweepExecutions({ executions, workQueue, clock }: SweepDependencies, signal: AbortSignal): Promise<number> {
  const swept = new Set<string>()
  while (!signal.aborted) {
    const due = await executions.listDue(clock.now(), PAGE)
    // The index lags behind the table: what was postponed just now may still be in it.
    const fresh = due.filter((key) => !swept.has(nameOf(key)))
    for (const key of fresh) {
      await workQueue.send(key)
      await executions.postpone(key, clock.now() + QUEUE_PATIENCE_MS)
      swept.add(nameOf(key))
    }
    if (due.length < PAGE || fresh.length === 0) break
  }
  return swept.size
}

const nameOf = ({ tenant, executionId }: ExecutionKey): string => JSON.stringify([tenant, executionId])
