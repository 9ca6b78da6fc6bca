import * as z from 'zod'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import { connectionError, type ErrorSource, systemCode } from './connection-error.ts'
import { errorCodeByStatus } from './error-code-by-status.ts'
import { ProviderError } from './provider-error.ts'

/**
 * Our codes by the name of an exception: those of ConverseStream (inside the stream they have no status) and the SDK's own.
 * Source: Bedrock Runtime API reference, "ConverseStream" and "Common Errors".
 */
const BY_NAME: ReadonlyMap<string, ErrorCode> = new Map([
  ['ThrottlingException', 'rate_limit'],
  ['ServiceQuotaExceededException', 'rate_limit'],
  ['AccessDeniedException', 'authentication_error'],
  ['UnrecognizedClientException', 'authentication_error'],
  ['InvalidSignatureException', 'authentication_error'],
  ['ExpiredTokenException', 'authentication_error'],
  ['CredentialsProviderError', 'authentication_error'],
  ['ValidationException', 'validation_error'],
  ['ResourceNotFoundException', 'validation_error'],
  ['ModelTimeoutException', 'timeout'],
  // A connection was not made in time.
  ['TimeoutError', 'timeout'],
  ['InternalServerException', 'provider_error'],
  ['ModelErrorException', 'provider_error'],
  ['ModelNotReadyException', 'provider_error'],
  ['ModelStreamErrorException', 'provider_error'],
  ['ServiceUnavailableException', 'provider_error'],
])

const serviceErrorSchema = z.object({
  name: z.string(),
  $metadata: z.object({ httpStatusCode: z.int().optional(), requestId: z.string().optional() }).optional(),
})

/**
 * Translates what the AWS SDK throws. Its text is dropped, and an error that Bedrock answered is not kept as the cause: it quotes accounts
 * and roles.
 *
 * @param requestId - Bedrock's id of the request, when the answer had begun
 */
export function bedrockError(error: unknown, requestId: string | undefined): ProviderError {
  if (error instanceof ProviderError) return error
  const parsed = serviceErrorSchema.safeParse(error)
  const name = parsed.data?.name ?? 'Error'
  const { httpStatusCode: status, requestId: ownRequestId } = parsed.data?.$metadata ?? {}
  const source: ErrorSource = { provider: 'bedrock', providerRequestId: ownRequestId ?? requestId }
  const code = BY_NAME.get(name) ?? (status === undefined ? undefined : errorCodeByStatus(status))
  if (code)
    return new ProviderError(code, `the call of Bedrock failed (${name})`, {
      ...source,
      providerStatus: status,
      ...(parsed.success && { providerCode: name }),
    })
  // A frame with a wrong checksum, or a payload that is not JSON: unlike broken connections, these errors carry no system code.
  if (requestId !== undefined && systemCode(error) === undefined)
    return new ProviderError('provider_error', 'the provider sent a malformed event', source)
  return connectionError(error, source)
}
