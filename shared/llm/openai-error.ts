import { APIConnectionError, APIError } from 'openai'
import { retryAfterSeconds } from '#shared/platform/retry-after.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import { connectionError, type ErrorSource } from './connection-error.ts'
import { errorAnswer } from './error-answer.ts'
import { errorCodeByStatus } from './error-code-by-status.ts'
import { ProviderError } from './provider-error.ts'

/** Error codes that say more than the HTTP status. Source: OpenAI API reference, "Error codes"; Azure OpenAI adds `content_filter`. */
const BY_CODE: ReadonlyMap<string, ErrorCode> = new Map([
  ['context_length_exceeded', 'context_length_exceeded'],
  ['content_filter', 'content_filter'],
  ['content_policy_violation', 'content_filter'],
  ['invalid_api_key', 'authentication_error'],
  ['rate_limit_exceeded', 'rate_limit'],
  ['insufficient_quota', 'rate_limit'],
])

/** The form of a code or a field, such as `invalid_value` or `messages.[0].content`. Anything else may be a quoted key, and is not passed on. */
const WORD = /^[a-z_]{1,64}(\.?\[\d{1,4}\]|\.[a-z_]{1,64}){0,8}$/

const word = (text: unknown): string | undefined => (typeof text === 'string' && WORD.test(text) ? text : undefined)

/**
 * Translates what the SDK throws. The provider's own text is dropped, and the SDK's error is not kept as the cause: providers quote keys
 * and account names in it. Status, code and request id are enough to find the call in the provider's log.
 *
 * @param source - who answered, and its id of the request if the answer had begun
 */
export function openaiError(error: unknown, source: ErrorSource): ProviderError {
  if (error instanceof ProviderError) return error
  // The SDK read a line that is not JSON.
  if (error instanceof SyntaxError) {
    return new ProviderError('provider_error', 'the provider sent a malformed event', source)
  }
  if (!(error instanceof APIError) || error instanceof APIConnectionError) return connectionError(error, source)

  const status: number | undefined = error.status
  const code = BY_CODE.get(error.code ?? '') ?? errorCodeByStatus(status)
  const providerCode = word(error.code) ?? word(error.type)
  const reason = [status, providerCode, word(error.param)].filter((part) => part !== undefined).join(', ')
  return new ProviderError(code, errorAnswer(status, reason), {
    provider: source.provider,
    providerStatus: status,
    providerCode,
    providerRequestId: error.requestID ?? source.providerRequestId,
    ...(error.code === 'insufficient_quota' && { retryable: false }),
    ...retryAfterSeconds(error.headers),
  })
}
