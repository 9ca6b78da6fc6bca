import { SluiceError } from './errors.ts'

/** What the AWS SDK throws: `$metadata` when the service answered, `$retryable` when it says that a retry makes sense. */
type AwsError = { name?: string; $metadata?: { httpStatusCode?: number }; $retryable?: { throttling?: boolean } }

/** Services throttle with status 400 or 429, under one of these names. Source: the SDK's own retry classification. */
const THROTTLING = /^(Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|SlowDown)/
/** No answer came. Source: @smithy/node-http-handler and Node's system errors. */
const NO_ANSWER = new Set(['TimeoutError', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'])

/** Whether the same call can succeed later: throttling, a server error, or no answer. */
export function isTransientAwsError(error: unknown): boolean {
  const { name = '', $metadata, $retryable } = (error ?? {}) as AwsError
  const code = (error as { code?: unknown })?.code
  return (
    $retryable !== undefined ||
    THROTTLING.test(name) ||
    NO_ANSWER.has(name) ||
    (typeof code === 'string' && NO_ANSWER.has(code)) ||
    ($metadata?.httpStatusCode ?? 0) >= 500
  )
}

/** The error for the caller: `unavailable` when it may go away, itself when it is our mistake (and so `internal`). */
export function fromAwsError(error: unknown, what: string): unknown {
  return isTransientAwsError(error) ? new SluiceError('unavailable', `${what} is not available now`, { cause: error }) : error
}

/** For `catch`: throws what {@link fromAwsError} makes of an error of `what`. */
export const throwAwsError =
  (what: string) =>
  (error: unknown): never => {
    throw fromAwsError(error, what)
  }
