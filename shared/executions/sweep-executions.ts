import pLimit from 'p-limit'
import { hasExpired, nextLook, QUEUE_PATIENCE_MS, workItemOf } from './admission.ts'
import { admitExecution } from './admit-execution.ts'
import { CANCELLED, type EndQueuedDependencies, EXPIRED, endQueued } from './end-queued.ts'
import type { ExecutionRecord, Suspension } from './execution-record.ts'
import { hasEnded } from './execution-status.ts'
import type { ExecutionKey } from './execution-store.ts'
import { makeUpForTurn } from './go-on-in-batch.ts'
import { hasAnswer } from './has-answer.ts'
import { nextLookAtWait } from './next-look-at-wait.ts'
import { wakeExecution } from './wake-execution.ts'

const PAGE = 100
const AT_ONCE = 10
/** How long one that failed waits for the next look, in milliseconds; meanwhile it does not stand before the others. */
const FAILED_PATIENCE_MS = 60_000

export type SweepDependencies = EndQueuedDependencies

/**
 * Sees to what nobody works on: executions whose worker let its lease expire, whose message got lost, whose next attempt is due, whose wait
 * or whose time to live is over. Harmless for all others, since the lease decides who runs.
 *
 * @param signal - ends the sweep between two pages; the next one goes on
 * @returns how many executions were seen to
 * @throws the first failure, when all others have had their turn
 */
export async function sweepExecutions(dependencies: SweepDependencies, signal: AbortSignal): Promise<number> {
  const { executions, clock } = dependencies
  const limit = pLimit(AT_ONCE)
  const seen = new Set<string>()
  const failures: unknown[] = []
  const sweep = async (key: ExecutionKey): Promise<void> => {
    seen.add(nameOf(key))
    await sweepExecution(dependencies, key).catch(async (error: unknown) => {
      failures.push(error)
      await executions.postpone(key, clock.now() + FAILED_PATIENCE_MS).catch(() => undefined)
    })
  }
  while (!signal.aborted) {
    const due = await executions.listDue(clock.now(), PAGE)
    // The index lags behind the table: what was postponed just now may still be in it.
    const fresh = due.filter((key) => !seen.has(nameOf(key)))
    await Promise.all(fresh.map((key) => limit(sweep, key)))
    if (due.length < PAGE || fresh.length === 0) break
  }
  if (failures.length > 0) throw failures[0]
  return seen.size
}

async function sweepExecution(dependencies: SweepDependencies, key: ExecutionKey): Promise<void> {
  const { executions, workQueue, clock } = dependencies
  const record = await executions.get(key)
  if (!record || hasEnded(record.status)) return
  if (record.suspended) return sweepSuspended(dependencies, record, record.suspended)
  if (record.status === 'queued') return sweepQueued(dependencies, record)
  if ((record.leaseExpiresAt ?? 0) >= clock.now()) return
  await workQueue.send(workItemOf(record))
  await executions.postpone(key, clock.now() + QUEUE_PATIENCE_MS)
}

/** Wakes what has nothing to wait for any more: its time has come, or whoever decided, or answered, stopped before it was woken. */
async function sweepSuspended(dependencies: SweepDependencies, record: ExecutionRecord, wait: Suspension): Promise<void> {
  const { executions, clock } = dependencies
  const now = clock.now()
  const isOver = wait.for === 'input' || now >= wait.until || (wait.for === 'agents' && (await hasAnswer(dependencies, record)))
  if (isOver && (await wakeExecution(dependencies, record)) !== 'waits') return
  await executions.postpone(record, nextLookAtWait(wait, now))
}

async function sweepQueued(dependencies: SweepDependencies, record: ExecutionRecord): Promise<void> {
  const { executions, clock } = dependencies
  const now = clock.now()
  const end = record.cancelRequestedAt === undefined ? (hasExpired(record, now) ? EXPIRED : undefined) : CANCELLED
  if (end) {
    await endQueued(dependencies, record, end)
    return
  }
  if (record.awaitsTurn) {
    await makeUpForTurn(dependencies, record)
    return executions.postpone(record, nextLook(record, now))
  }
  const mayStart = record.place === undefined && (record.retryAt ?? 0) <= now
  if (mayStart && (await admitExecution(dependencies, record)) !== 'admitted') return
  await executions.postpone(record, nextLook(record, now))
}

const nameOf = ({ tenant, executionId }: ExecutionKey): string => JSON.stringify([tenant, executionId])
