import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { sleep } from '#shared/platform/clock.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import { type Answer, answer } from './answer.ts'
import { retryDelay } from './retry-policy.ts'
import { type Run, runFields } from './run.ts'
import { shownError } from './shown-error.ts'

/**
 * Asks the model, again after a failure that may pass, as long as there are attempts and time. Each new attempt takes back what the one
 * before has said.
 *
 * @throws the last failure, or the signal's reason
 */
export async function answerWithRetries(
  { providers, logger }: { providers: LlmProviders; logger: Log },
  run: Run,
  agent: Agent,
  signal: AbortSignal,
): Promise<Answer> {
  const { record, writer, lease } = run
  for (;;) {
    try {
      return await answer(providers, agent, record.input, writer, signal)
    } catch (thrown) {
      signal.throwIfAborted()
      const error = toSluiceError(thrown)
      const delayMs = retryDelay(error, run.attempt)
      if (delayMs === undefined || error instanceof StreamLostError) throw error
      run.attempt += 1
      writer.nextAttempt(run.attempt)
      logger.warn('execution_retrying', { ...runFields(run), code: error.code, delayMs })
      await writer.emit({ type: 'retrying', data: { ...shownError(error), attempt: run.attempt, resumeFrom: -1, delayMs } })
      // A renewal that fails is made up for by the next one; a lease that is lost aborts the signal.
      await lease.renew().catch(() => undefined)
      await sleep(delayMs, signal)
    }
  }
}
