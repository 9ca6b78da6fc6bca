import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { FieldError } from '#shared/protocol/problem.ts'

/**
 * Codes of the server (`docs/protocol.md`, "Errors") and those only a client can find:
 * - `closed`: the stream or the client was closed before its end
 * - `events_lost`: events between the cursor and what arrives are no longer kept
 * - `integrity_error`: count or hash of the terminal event does not fit what was read, twice
 * - `insecure_context`: hashes cannot be computed here (needs https or localhost)
 */
export type ClientErrorCode = ErrorCode | 'closed' | 'events_lost' | 'integrity_error' | 'insecure_context'

export interface ClientErrorDetails {
  /** HTTP status, when an HTTP answer caused it. */
  status?: number | undefined
  /** The same call can succeed later. */
  retryable?: boolean
  /** Pause the server asked for (`Retry-After`), in seconds. */
  retryAfterSeconds?: number | undefined
  /** Rejected fields of a `validation_error`. */
  errors?: readonly FieldError[] | undefined
  /** Finds the call in the server's log. */
  requestId?: string | undefined
  cause?: unknown
}

/** Every failure the client reports, except an abort, which throws the reason of the signal. */
export class SluiceClientError extends Error {
  override readonly name = 'SluiceClientError'
  readonly code: ClientErrorCode
  readonly status: number | undefined
  readonly retryable: boolean
  readonly retryAfterSeconds: number | undefined
  readonly errors: readonly FieldError[]
  readonly requestId: string | undefined

  constructor(code: ClientErrorCode, message: string, details: ClientErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.status = details.status
    this.retryable = details.retryable ?? false
    this.retryAfterSeconds = details.retryAfterSeconds
    this.errors = details.errors ?? []
    this.requestId = details.requestId
  }
}
