import type { Principal } from '#shared/access/principal.ts'
import { SluiceError } from '#shared/platform/errors.ts'

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

/** A request too many; it says of what. */
export class RateLimitError extends SluiceError {
  override readonly name = 'RateLimitError'
  readonly allowance: Allowance
  constructor(allowance: Allowance) {
    const { policy, limit, window, resetAfter } = allowance
    super('rate_limit', `${limit} requests in ${window} seconds are allowed to this ${policy}`, { retryAfterSeconds: resetAfter })
    this.allowance = allowance
  }
}

/** Keeps each principal, and each tenant as a whole, to its allowance. */
export type RateLimiter = {
  /**
   * Takes one request from the allowances of the caller and his tenant.
   *
   * @param limit - requests a minute of this caller, where they are not those of everybody
   * @returns what is left; undefined when nobody can tell, and the request passes unlimited
   * @throws RateLimitError; ForbiddenError when the tenant is being erased
   */
  take(principal: Pick<Principal, 'tenant' | 'subject'>, limit?: number): Promise<Allowance | undefined>
  /** What is left to the caller, by policy. Nothing is taken. */
  allowances(principal: Pick<Principal, 'tenant' | 'subject'>, limit?: number): Promise<Allowance[]>
}
