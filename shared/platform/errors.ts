import { ERROR_STATUS, type ErrorCode, isRetryableCode } from '#shared/protocol/error-codes.ts'
import type { FieldError, ProviderFailure } from '#shared/protocol/problem.ts'

export type SluiceErrorOptions = {
  cause?: unknown
  /** Whether the same call may succeed later. Decided once, here; by the code when absent. */
  retryable?: boolean
  /** Whether `message` may be shown to the caller. True for every code but `internal`. */
  expose?: boolean
  /** Shortest useful pause before a retry, in seconds. */
  retryAfterSeconds?: number
  /** Rejected fields of a request. */
  fields?: FieldError[]
  /** What a provider outside said of it. */
  providerFailure?: ProviderFailure
}

/** Base of every error that leaves a room: a stable code, and whether a retry makes sense. */
export class SluiceError extends Error {
  override readonly name: string = 'SluiceError'
  readonly code: ErrorCode
  readonly status: number
  readonly retryable: boolean
  readonly expose: boolean
  readonly retryAfterSeconds: number | undefined
  readonly fields: FieldError[] | undefined
  readonly providerFailure: ProviderFailure | undefined

  constructor(code: ErrorCode, message: string, options: SluiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = ERROR_STATUS[code]
    this.retryable = options.retryable ?? isRetryableCode(code)
    this.expose = options.expose ?? code !== 'internal'
    this.retryAfterSeconds = options.retryAfterSeconds
    this.fields = options.fields
    this.providerFailure = options.providerFailure
  }
}

export class ValidationError extends SluiceError {
  override readonly name = 'ValidationError'
  constructor(message: string, fields?: FieldError[]) {
    super('validation_error', message, fields === undefined ? {} : { fields })
  }
}

export class UnauthorizedError extends SluiceError {
  override readonly name = 'UnauthorizedError'
  constructor(message: string, cause?: unknown) {
    super('unauthorized', message, { cause })
  }
}

export class ForbiddenError extends SluiceError {
  override readonly name = 'ForbiddenError'
  constructor(message: string) {
    super('forbidden', message)
  }
}

export class NotFoundError extends SluiceError {
  override readonly name = 'NotFoundError'
  constructor(what: string, id: string) {
    super('not_found', `${what} "${id}" does not exist`)
  }
}

export class ConflictError extends SluiceError {
  override readonly name = 'ConflictError'
  constructor(message: string) {
    super('conflict', message)
  }
}

/** A configuration that cannot work: missing variables, an empty secret. Never shown to callers. */
export class ConfigError extends SluiceError {
  override readonly name = 'ConfigError'
  constructor(message: string, cause?: unknown) {
    super('internal', message, { cause })
  }
}

/** Any thrown value as a {@link SluiceError}; what is not ours becomes `internal` and stays hidden. */
export function toSluiceError(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error
  return new SluiceError('internal', error instanceof Error ? error.message : String(error), { cause: error })
}
