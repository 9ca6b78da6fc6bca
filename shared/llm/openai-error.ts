import { APIConnectionError, APIError } from 'openai'
import * as z from 'zod'
import { retryAfterSeconds } from '#shared/platform/retry-after.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import { ProviderError } from './provider-error.ts'

const PROVIDER = 'openai'

/** Error codes that say more than the HTTP status. Source: OpenAI API reference, "Error codes"; Azure OpenAI adds `content_filter`. */
const BY_CODE: ReadonlyMap<string, ErrorCode> = new Map([
  ['context_length_exceeded', 'context_length_exceeded'],
  ['content_filter', 'content_filter'],
  ['content_policy_violation', 'content_filter'],
  ['invalid_api_key', 'authentication_error'],
  ['rate_limit_exceeded', 'rate_limit'],
  ['insufficient_quota', 'rate_limit'],
])

/** An error inside a stream has no status: 200 has been sent before. */
function byStatus(status: number | undefined): ErrorCode {
  if (status === undefined || status >= 500) return 'provider_error'
  if (status === 401 || status === 403) return 'authentication_error'
  if (status === 408) return 'timeout'
  if (status === 429) return 'rate_limit'
  return 'validation_error'
}

/** System errors that name what went wrong with a connection stand at the end of fetch's chain of causes. */
const systemErrorSchema = z.object({ code: z.string().regex(/^[A-Z_]+$/) })

function systemCode(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const parsed = systemErrorSchema.safeParse(cause)
    if (parsed.success) return parsed.data.code
  }
  return undefined
}

function connectionError(error: unknown, requestId: string | undefined): ProviderError {
  const code = systemCode(error)
  const details = { provider: PROVIDER, providerRequestId: requestId, cause: error }
  if (code === 'UND_ERR_CONNECT_TIMEOUT')
    return new ProviderError('timeout', 'the provider could not be reached in time', details)
  return new ProviderError('network_error', `the connection to the provider failed${code ? ` (${code})` : ''}`, details)
}

/**
 * Translates what the SDK throws. The provider's own text is dropped, and the SDK's error is no cause: providers quote keys and
 * account names in it. Status, code and request id are enough to find the call in the provider's log.
 *
 * @param requestId - the provider's id of the request, when the answer had begun
 */
export function openaiError(error: unknown, requestId: string | undefined): ProviderError {
  if (error instanceof ProviderError) return error
  // The SDK read a line that is no JSON.
  if (error instanceof SyntaxError) {
    return new ProviderError('provider_error', 'the provider sent a malformed event', {
      provider: PROVIDER,
      providerRequestId: requestId,
    })
  }
  if (!(error instanceof APIError) || error instanceof APIConnectionError) return connectionError(error, requestId)

  const status: number | undefined = error.status
  const code = BY_CODE.get(error.code ?? '') ?? byStatus(status)
  const reason = [status, error.code ?? error.type, error.param].filter((part) => part !== undefined && part !== null).join(', ')
  return new ProviderError(code, `the provider answered with an error${reason ? ` (${reason})` : ''}`, {
    provider: PROVIDER,
    providerStatus: status,
    providerRequestId: error.requestID ?? requestId,
    ...(error.code === 'insufficient_quota' && { retryable: false }),
    ...retryAfterSeconds(error.headers),
  })
}
