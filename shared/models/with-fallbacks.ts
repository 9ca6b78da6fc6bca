import type { LlmEvent, LlmProvider, LlmRequest } from '#shared/llm/llm-provider.ts'
import { SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'

/** A model that can be asked. */
export type Candidate = {
  provider: string
  model: string
  /** The request as this model is to get it. */
  adapt(request: LlmRequest): LlmRequest
  open(): Promise<LlmProvider>
}

/**
 * What another model may do better. Not among them: what is wrong with the request itself (`validation_error`), what nobody is to say
 * (`content_filter`), and a spent budget.
 */
const ANOTHER_MAY: ReadonlySet<ErrorCode> = new Set([
  'rate_limit',
  'timeout',
  'network_error',
  'provider_error',
  'authentication_error',
  'unavailable',
  // It may be larger.
  'context_length_exceeded',
])

const WORDS: ReadonlySet<LlmEvent['type']> = new Set(['text', 'thinking', 'tool_call'])

const mayFallBack = (error: unknown): boolean => error instanceof SluiceError && ANOTHER_MAY.has(error.code)

/**
 * Asks one model after the other until one speaks. Behind its first word nobody takes over: a reader would see two answers. A `model` event says whom
 * is asked, a `warning` why the one before is not.
 *
 * @param candidates - the first is the one that was asked for
 * @throws when all fail, the first error that may go away by itself, so that it is tried again; otherwise the last one
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
            // What a model wants back is nobody's when another one answers.
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
