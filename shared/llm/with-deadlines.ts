import type { LlmEvent } from './llm-provider.ts'
import type { LlmTimeouts } from './llm-timeouts.ts'
import { ProviderError } from './provider-error.ts'

/**
 * Runs one model call under the caller's signal and two deadlines. Only the waits for the model count, never the time the
 * consumer takes between two events.
 *
 * @param call - makes the call; it must stop when its signal aborts, whether it then throws or just ends
 * @throws ProviderError `timeout` when the model stayed silent for too long; the signal's reason when it aborts
 */
export async function* withDeadlines(
  provider: string,
  call: (signal: AbortSignal) => AsyncIterable<LlmEvent>,
  signal: AbortSignal,
  timeouts: LlmTimeouts,
): AsyncGenerator<LlmEvent, void, undefined> {
  signal.throwIfAborted()
  const silence = new AbortController()
  const either = AbortSignal.any([signal, silence.signal])
  const events = call(either)[Symbol.asyncIterator]()
  let limit = timeouts.firstTokenMs
  let what = 'first token'
  try {
    for (;;) {
      const expire = () => silence.abort(new ProviderError('timeout', `no ${what} within ${limit} ms`, { provider }))
      const timer = setTimeout(expire, limit)
      const next = await events.next().finally(() => clearTimeout(timer))
      // SDKs may end an aborted stream as if it were complete.
      either.throwIfAborted()
      if (next.done) return
      yield next.value
      limit = timeouts.idleMs
      what = 'further token'
    }
  } catch (error) {
    either.throwIfAborted()
    throw error
  } finally {
    await events.return?.()
  }
}
