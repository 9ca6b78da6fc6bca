import { MAX_DELAY_SECONDS, type WorkItem } from '#shared/messaging/work-queue.ts'
import { takeSlotOrPark } from './admit-execution.ts'
import type { EndQueuedDependencies } from './end-queued.ts'

/**
 * Lets an execution in whose time for the next attempt has come: into a slot, or behind those who wait. It gave its slot back when the
 * attempt before failed.
 *
 * @returns `taken`: the caller may run it. `begun`: somebody has, so that its lease says what is to be done. `duplicate`: there is nothing to
 *   let in now
 */
export async function admitRetry(
  dependencies: EndQueuedDependencies,
  item: WorkItem,
): Promise<'taken' | 'begun' | 'parked' | 'duplicate'> {
  const { executions, workQueue, clock } = dependencies
  const record = await executions.get(item)
  if (record?.status !== 'queued') return 'begun'
  // A message of the wait before, or of none.
  if (record.suspended) return 'duplicate'
  const earlyMs = (record.retryAt ?? 0) - clock.now()
  if (earlyMs > 0) {
    // Clocks differ. Where it is much too early, this is an old message of another attempt.
    if (earlyMs <= MAX_DELAY_SECONDS * 1_000) await workQueue.send(item, Math.ceil(earlyMs / 1_000))
    return 'duplicate'
  }
  const result = await takeSlotOrPark(dependencies, record)
  return result === 'changed' ? 'duplicate' : result
}
