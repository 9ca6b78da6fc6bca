import type { LlmEvent, LlmProvider, LlmRequest } from '#shared/llm/llm-provider.ts'
import { SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'

/** A model that can be asked. */
export type Candidate = {
  provider: string
  model: string
  /** The request as this model should get it. */
  adapt(request: LlmRequest): LlmRequest
  open(): Promise<LlmProvider>
}

/**
 * Errors after which another model may succeed. Not included: an invalid request (`validation_error`), refused content (`content_filter`), and a
 * spent budget.
 */
const ANOTHER_MAY: ReadonlySet<ErrorCode> = new Set([
  'rate_limit',
  'timeout',
  'network_error',
  'provider_error',
  'authentication_error',
  'unavailable',
  // Another model may have a larger context.
  'context_length_exceeded',
])

const WORDS: ReadonlySet<LlmEvent['type']> = new Set(['text', 'thinking', 'tool_call'])

const mayFallBack = (error: unknown): boolean => error instanceof SluiceError && ANOTHER_MAY.has(error.code)

/**
 * Asks one model after another until one speaks. After its first word no other takes over, because the reader would see two answers. A `model` event
 * says which model is asked, a `warning` why the previous one failed.
 *
 * @param candidates - the first is the one that was asked for
 * @throws when all fail: the first retryable error, so that the execution is retried; otherwise the last error
 */
export function withFallbacks(candidates: readonly Candidate[]): LlmProvider {
  return {
    async *stream(request, signal) {
      const errors: SluiceError[] = []
      for (const [place, candidate] of candidates.entries()) {
        const { provider, model } = candidate
        const held: LlmEvent[] = []
        let hasSpoken = false
        yield { type: 'model', provider, model }
        try {
          const opened = await candidate.open()
          for await (const event of opened.stream(candidate.adapt(request), signal)) {
            // Held back until the model speaks: a fallback must not get another model's state.
            if (!hasSpoken && event.type === 'state') held.push(event)
            else {
              if (WORDS.has(event.type) || event.type === 'stop') {
                hasSpoken = true
                yield* held.splice(0)
              }
              yield event
            }
          }
          return
        } catch (error) {
          const next = candidates[place + 1]
          if (signal.aborted || hasSpoken || !mayFallBack(error)) throw error
          errors.push(toSluiceError(error))
          if (next) yield { type: 'warning', text: standIn(candidate, next, toSluiceError(error)) }
        }
      }
      throw errors.find(({ retryable }) => retryable) ?? errors.at(-1)
    },
  }
}

function standIn(one: Candidate, next: Candidate, { code, providerFailure }: SluiceError): string {
  const { status, code: name, requestId } = providerFailure ?? {}
  const why = [code, status, name, requestId && `request ${requestId}`].filter((part) => part !== undefined).join(', ')
  return `"${one.model}" of ${one.provider} did not answer (${why}): "${next.model}" of ${next.provider} is asked`
}
