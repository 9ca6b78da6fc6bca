import type { LlmEvent } from './llm-provider.ts'
import type { LlmTimeouts } from './llm-timeouts.ts'
import { ProviderError } from './provider-error.ts'
import { watchConnect } from './watch-connect.ts'

/**
 * Runs one model call under the caller's signal and four deadlines (see {@link LlmTimeouts}). The two limits of silence count only the waits
 * for the model, never the time that the consumer takes between two events.
 *
 * @param call - makes the call; it must stop when its signal aborts, whether it then throws or just ends
 * @throws ProviderError `timeout` when a deadline has passed; the signal's reason when it aborts
 */
export async function* withDeadlines(
  provider: string,
  call: (signal: AbortSignal) => AsyncIterable<LlmEvent>,
  signal: AbortSignal,
  timeouts: LlmTimeouts,
): AsyncGenerator<LlmEvent, void, undefined> {
  signal.throwIfAborted()
  const deadline = new AbortController()
  const late = (what: string, limit: number) => () =>
    deadline.abort(new ProviderError('timeout', `no ${what} within ${limit} ms`, { provider }))
  const within = (what: string, limit: number) => setTimeout(late(what, limit), limit)
  const either = AbortSignal.any([signal, deadline.signal])
  const total = within('end of the answer', timeouts.totalMs)
  const connect = watchConnect(timeouts.connectMs, late('connection', timeouts.connectMs))
  const events = call(either)[Symbol.asyncIterator]()
  try {
    for (let first = true; ; first = false) {
      const silence = first ? within('first token', timeouts.firstTokenMs) : within('further token', timeouts.idleMs)
      const next = await connect.run(() => events.next()).finally(() => clearTimeout(silence))
      // SDKs may end an aborted stream as if it were complete.
      either.throwIfAborted()
      if (next.done) return
      yield next.value
    }
  } catch (error) {
    either.throwIfAborted()
    throw error
  } finally {
    clearTimeout(total)
    connect.end()
    await events.return?.()
  }
}
