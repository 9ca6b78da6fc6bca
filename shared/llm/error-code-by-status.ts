import type { ErrorCode } from '#shared/protocol/error-codes.ts'

/** Our code for the status of an answer, where the provider gives no better name. An error inside a stream has no status of its own: 200 was sent before it. */
export function errorCodeByStatus(status: number | undefined): ErrorCode {
  if (status === undefined || status < 400 || status >= 500) return 'provider_error'
  if (status === 401 || status === 403) return 'authentication_error'
  if (status === 408) return 'timeout'
  if (status === 429) return 'rate_limit'
  return 'validation_error'
}
