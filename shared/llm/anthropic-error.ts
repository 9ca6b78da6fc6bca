import { APIConnectionError, APIError } from '@anthropic-ai/sdk/core/error'
import { retryAfterSeconds } from '#shared/platform/retry-after.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import { connectionError, type ErrorSource } from './connection-error.ts'
import { errorAnswer } from './error-answer.ts'
import { errorCodeByStatus } from './error-code-by-status.ts'
import { ProviderError } from './provider-error.ts'

/** Our codes by the type of an error: inside the stream an error has no status. Source: Anthropic API reference, "Errors". */
const BY_TYPE: ReadonlyMap<string, ErrorCode> = new Map([
  ['invalid_request_error', 'validation_error'],
  ['authentication_error', 'authentication_error'],
  ['permission_error', 'authentication_error'],
  ['billing_error', 'rate_limit'],
  ['not_found_error', 'validation_error'],
  ['request_too_large', 'context_length_exceeded'],
  ['rate_limit_error', 'rate_limit'],
  ['timeout_error', 'timeout'],
  ['api_error', 'provider_error'],
  ['overloaded_error', 'provider_error'],
])

/** For answers of gateways in front of the API, which carry no type. */
function byStatus(status: number | undefined): ErrorCode {
  if (status === 402) return 'rate_limit'
  return status === 413 ? 'context_length_exceeded' : errorCodeByStatus(status)
}

/**
 * Translates what the SDK throws. The provider's own text is dropped, and the SDK's error is not kept as
 * the cause: both may quote what was sent.
 *
 * @param requestId - the provider's id of the request, if the answer had begun
 */
export function anthropicError(error: unknown, requestId: string | undefined): ProviderError {
  if (error instanceof ProviderError) return error
  const source: ErrorSource = { provider: 'anthropic', providerRequestId: requestId }
  // The SDK read a line that is not JSON.
  if (error instanceof SyntaxError) return new ProviderError('provider_error', 'the provider sent a malformed event', source)
  if (!(error instanceof APIError) || error instanceof APIConnectionError) return connectionError(error, source)

  const status: number | undefined = error.status
  const type = BY_TYPE.has(error.type ?? '') ? error.type : undefined
  const reason = [status, type].filter((part) => part !== undefined).join(', ')
  return new ProviderError(BY_TYPE.get(type ?? '') ?? byStatus(status), errorAnswer(status, reason), {
    provider: source.provider,
    providerStatus: status,
    providerCode: type ?? undefined,
    providerRequestId: error.requestID ?? requestId,
    // An account without credit has none in a minute either.
    ...((type === 'billing_error' || status === 402) && { retryable: false }),
    ...retryAfterSeconds(error.headers),
  })
}
