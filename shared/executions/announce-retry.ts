import type { SluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'
import { type Run, runFields } from './run.ts'
import { shownError } from './shown-error.ts'

/**
 * Begins the next attempt of a run: tells the viewers, who drop what was said since the last checkpoint.
 *
 * @throws StreamLostError when another worker has taken over
 */
export async function announceRetry(
  { logger }: { logger: Log },
  run: Run,
  { error, delayMs }: { error: SluiceError; delayMs: number },
): Promise<void> {
  const { writer, lease, checkpoint } = run
  logger.warn('execution_retrying', { ...runFields(run), code: error.code, provider: error.providerFailure, delayMs })
  run.attempt += 1
  // First: whoever takes over from here must make an attempt of its own. A renewal that fails is made up for by the next one.
  await lease.renew().catch(() => lease.signal.throwIfAborted())
  writer.nextAttempt(run.attempt)
  const resumeFrom = checkpoint?.sequence ?? -1
  await writer.emit({ type: 'retrying', data: { ...shownError(error), attempt: run.attempt, resumeFrom, delayMs } })
}
