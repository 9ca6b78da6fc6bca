import type { SluiceError } from '#shared/platform/errors.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { RetryPolicy } from '#shared/protocol/retry-policy.ts'
import type { ExecutionRecord } from './execution-record.ts'

const DEFAULT_POLICY: RetryPolicy = { maxAttempts: 3, backoffSeconds: 10 }
/** Where the doubling ends, in seconds, unless the policy itself begins beyond it. */
const LONGEST_BACKOFF_SECONDS = 900

/** What the request says comes before what the agent says. */
export const retryPolicyOf = (record: Pick<ExecutionRecord, 'retry'>, agent: Pick<Agent, 'retry'> | undefined): RetryPolicy => ({
  maxAttempts: record.retry?.maxAttempts ?? agent?.retry?.maxAttempts ?? DEFAULT_POLICY.maxAttempts,
  backoffSeconds: record.retry?.backoffSeconds ?? agent?.retry?.backoffSeconds ?? DEFAULT_POLICY.backoffSeconds,
  retryOnErrors: record.retry?.retryOnErrors ?? agent?.retry?.retryOnErrors,
})

/**
 * The pause before the next attempt, in milliseconds: exponential, at least half of it, so that attempts are not all made within a short outage ("equal
 * jitter"). Where the provider asks for a pause, it is full jitter on top of that: all whom it told to wait until the same moment do not come back together.
 * Undefined when there is no next attempt: it was the last one, the error is permanent, or the policy does not name it.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retryDelay(
  error: SluiceError,
  attempt: number,
  { maxAttempts, backoffSeconds, retryOnErrors }: RetryPolicy,
  random: () => number = Math.random,
): number | undefined {
  if (!error.retryable || attempt >= maxAttempts) return undefined
  if (retryOnErrors && !retryOnErrors.includes(error.code)) return undefined
  const longest = Math.max(LONGEST_BACKOFF_SECONDS, backoffSeconds)
  const ceiling = Math.min(longest, backoffSeconds * 2 ** (attempt - 1))
  const { retryAfterSeconds } = error
  const seconds = retryAfterSeconds === undefined ? ((1 + random()) / 2) * ceiling : retryAfterSeconds + random() * ceiling
  return Math.round(1_000 * seconds)
}
