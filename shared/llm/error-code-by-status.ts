import type { ErrorCode } from '#shared/protocol/error-codes.ts'

/** What an answer's status says, where the provider has no better name for it. An error inside a stream has none: 200 has been sent before. */
export function errorCodeByStatus(status: number | undefined): ErrorCode {
  if (status === undefined || status >= 500) return 'provider_error'
  if (status === 401 || status === 403) return 'authentication_error'
  if (status === 408) return 'timeout'
  if (status === 429) return 'rate_limit'
  return 'validation_error'
}
