import { MAX_DELAY_SECONDS } from '#shared/messaging/work-queue.ts'
import type { SluiceError } from '#shared/platform/errors.ts'
import { retry } from '#shared/platform/retry.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import { workItemOf } from './admission.ts'
import { announceRetry } from './announce-retry.ts'
import { endQueued } from './end-queued.ts'
import { letGo, type Run, type RunDependencies, stateOf } from './run.ts'
import { STORE_RETRIES } from './store-retries.ts'

/** How long the last frames may take, in milliseconds. The next writer serves who is slower. */
const POSTING_MS = 5_000
/** When the sweeper looks for a retry whose message was lost, in milliseconds after its time. */
const PATIENCE_MS = 60_000

/**
 * Puts a run off until its next attempt: the slot is free meanwhile. A delayed message brings it back; where the pause is longer than a
 * message can be delayed, the sweeper does, which comes every minute.
 *
 * @throws StreamLostError when another worker has taken over
 */
export async function retryLater(
  dependencies: RunDependencies,
  run: Run,
  failed: { error: SluiceError; delayMs: number },
): Promise<void> {
  const { executions, workQueue, clock, log } = dependencies
  const { record, attempt, sender } = run
  const retryAt = clock.now() + failed.delayMs
  await announceRetry(dependencies, run, failed)
  await sender.caughtUp(AbortSignal.timeout(POSTING_MS))
  await letGo(run)

  const delaySeconds = Math.ceil(failed.delayMs / 1_000)
  const byMessage = delaySeconds <= MAX_DELAY_SECONDS
  const state = { ...stateOf(run), attempt, retryAt, dueAt: byMessage ? retryAt + PATIENCE_MS : retryAt }
  const result = await retry(() => executions.retryLater(record, record.fence, state), STORE_RETRIES)
  if (result === 'lost') throw new StreamLostError(record.executionId)

  // Who cancelled it a moment ago asked a writer that does not look any more.
  const standing = await executions.get(record)
  if (standing?.cancelRequestedAt !== undefined && standing.status === 'queued')
    await endQueued({ ...dependencies, streamLog: log }, standing, { status: 'cancelled', detail: 'cancelled on request' })
  else if (byMessage) await workQueue.send({ ...workItemOf(record), admit: true }, delaySeconds)
}
