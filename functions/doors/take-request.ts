import type { Principal } from '#shared/access/principal.ts'
import { type Allowance, RateLimitError, type RateLimiter } from '#shared/limits/rate-limiter.ts'

/**
 * Takes a request from what its caller may ask.
 *
 * @param tell - gets what is left, also where it is nothing
 * @throws RateLimitError, ForbiddenError when the caller's tenant is being erased
 */
export async function takeRequest(
  principal: Pick<Principal, 'tenant' | 'subject'>,
  { rateLimiter }: { rateLimiter: RateLimiter },
  tell: (allowance: Allowance | undefined) => void,
): Promise<void> {
  try {
    tell(await rateLimiter.take(principal))
  } catch (error) {
    if (error instanceof RateLimitError) tell(error.allowance)
    throw error
  }
}
