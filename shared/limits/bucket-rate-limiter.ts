import type { Principal } from '#shared/access/principal.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'
import { unlessAborted } from '#shared/platform/unless-aborted.ts'
import { nextAfterOf, type Rate, remainingOf, resetAfterOf } from './bucket.ts'
import type { BucketStore } from './bucket-store.ts'
import { principalBuckets } from './principal-buckets.ts'
import { principalBucketKey, tenantBucketKey } from './rate-keys.ts'
import { type Allowance, RateLimitError, type RateLimiter } from './rate-limiter.ts'
import { tenantLeases } from './tenant-leases.ts'

const WINDOW_MS = 60_000
/** Longest that a request waits for the limiter, in milliseconds. */
const PATIENCE_MS = 1_000

export type RateLimiterDependencies = {
  buckets: BucketStore
  clock: Clock
  log: Log
  /** Requests a minute of one caller, and of a tenant as a whole. */
  requestsPerMinute: number
  tenantRequestsPerMinute: number
}

/**
 * Keeps callers and tenants to their rates with token buckets. When the buckets are out of reach everybody passes, and the log says so: a limit
 * that fails should not take the service with it.
 */
export function bucketRateLimiter(dependencies: RateLimiterDependencies): RateLimiter {
  const { buckets, clock, log, requestsPerMinute, tenantRequestsPerMinute } = dependencies
  const tenantRate: Rate = { limit: tenantRequestsPerMinute, windowMs: WINDOW_MS }
  const tenants = tenantLeases({ buckets, clock, rate: tenantRate })
  const principals = principalBuckets({ buckets, clock })

  const allowance = (policy: string, { limit, windowMs }: Rate, wholeAt: number, remaining: number): Allowance => ({
    policy,
    limit,
    window: windowMs / 1_000,
    remaining,
    resetAfter: resetAfterOf({ limit, windowMs }, wholeAt, clock.now()),
  })

  /** It was refused a moment ago: what refilled meanwhile makes no difference. */
  const refusal = (policy: string, rate: Rate, wholeAt: number): RateLimitError =>
    new RateLimitError({ ...allowance(policy, rate, wholeAt, 0), resetAfter: nextAfterOf(rate, wholeAt, clock.now()) })

  /** The tenant first: nothing is written for a caller of a tenant that is closed. */
  async function take(principal: Pick<Principal, 'tenant' | 'subject'>, limit: number): Promise<Allowance> {
    const rate: Rate = { limit, windowMs: WINDOW_MS }
    const ofTenant = await tenants.take(principal.tenant)
    if (ofTenant.result === 'empty') throw refusal('tenant', tenantRate, ofTenant.wholeAt)
    const { taken, wholeAt } = await principals.take(principal, rate)
    if (!taken) {
      ofTenant.giveBack()
      throw refusal('principal', rate, wholeAt)
    }
    const remaining = remainingOf(rate, wholeAt, clock.now())
    return ofTenant.remaining < remaining
      ? allowance('tenant', tenantRate, ofTenant.wholeAt, ofTenant.remaining)
      : allowance('principal', rate, wholeAt, remaining)
  }

  return {
    async take(principal, limit = requestsPerMinute) {
      try {
        return await unlessAborted(take(principal, limit), AbortSignal.timeout(PATIENCE_MS))
      } catch (error) {
        if (error instanceof SluiceError && (error.code === 'rate_limit' || error.code === 'forbidden')) throw error
        log.warn('rate_limit_open', { tenant: principal.tenant, error })
        return undefined
      }
    },

    async allowances({ tenant, subject }, limit = requestsPerMinute) {
      const rate: Rate = { limit, windowMs: WINDOW_MS }
      const now = clock.now()
      const [ofPrincipal = 0, ofTenant = 0] = await Promise.all([
        buckets.peek(principalBucketKey(tenant, subject)),
        buckets.peek(tenantBucketKey(tenant)),
      ])
      return [
        allowance('principal', rate, ofPrincipal, remainingOf(rate, ofPrincipal, now)),
        allowance('tenant', tenantRate, ofTenant, remainingOf(tenantRate, ofTenant, now)),
      ]
    },
  }
}
