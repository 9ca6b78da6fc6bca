import * as z from 'zod'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import { ProviderError } from './provider-error.ts'

/** Exceptions of ConverseStream, before and inside the stream. Source: Bedrock Runtime API reference, "ConverseStream". */
const BY_NAME: ReadonlyMap<string, ErrorCode> = new Map([
  ['ThrottlingException', 'rate_limit'],
  ['ServiceQuotaExceededException', 'rate_limit'],
  ['AccessDeniedException', 'authentication_error'],
  ['UnrecognizedClientException', 'authentication_error'],
  ['ExpiredTokenException', 'authentication_error'],
  ['CredentialsProviderError', 'authentication_error'],
  ['ValidationException', 'validation_error'],
  ['ResourceNotFoundException', 'validation_error'],
  ['ModelTimeoutException', 'timeout'],
])

const serviceErrorSchema = z.object({
  name: z.string(),
  $metadata: z.object({ httpStatusCode: z.int().optional(), requestId: z.string().optional() }).optional(),
})

/** Translates what the AWS SDK throws. An error that no answer of the service stands behind is one of the network. */
export function bedrockError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error
  const parsed = serviceErrorSchema.safeParse(error)
  const name = parsed.data?.name ?? 'Error'
  const metadata = parsed.data?.$metadata
  const code = BY_NAME.get(name) ?? (metadata?.httpStatusCode === undefined ? 'network_error' : 'provider_error')
  return new ProviderError(code, `the call of Bedrock failed (${name})`, {
    provider: 'bedrock',
    providerStatus: metadata?.httpStatusCode,
    providerRequestId: metadata?.requestId,
    cause: error,
  })
}
