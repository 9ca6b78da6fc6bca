import type { Principal } from '#shared/access/principal.ts'
import type { SocketDependencies } from './dependencies.ts'

/**
 * Lets no more connections in than the caller's tenant may have, and none while its data is erased.
 *
 * @throws SluiceError `rate_limit`, `quota_exceeded`; ForbiddenError
 */
export async function requireRoom({ limits }: Pick<SocketDependencies, 'limits'>, principal: Principal): Promise<void> {
  const { rateLimiter, quotas } = await limits()
  await rateLimiter.take(principal)
  await quotas.requireSocket(principal.tenant)
}
