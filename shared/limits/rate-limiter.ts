import type { Principal } from '#shared/access/principal.ts'

/** What is left of an allowance after a request. Times are seconds. */
export type Allowance = {
  /** Name of the policy that leaves least: `principal` or `tenant`. */
  policy: string
  /** Requests that the policy allows in {@link window}, and those that are left now. */
  limit: number
  window: number
  remaining: number
  /** Until the next request is allowed, or until the allowance is whole again. */
  resetAfter: number
}

/** Keeps each principal, and each tenant as a whole, to its allowance. */
export type RateLimiter = {
  /**
   * Takes one request from the allowances of the caller and his tenant.
   *
   * @throws SluiceError `rate_limit` with `retryAfterSeconds`; `forbidden` when the tenant is being erased
   */
  take(principal: Pick<Principal, 'tenant' | 'subject'>): Promise<Allowance>
}
