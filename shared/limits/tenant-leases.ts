import type { Clock } from '#shared/platform/clock.ts'
import { boundedMap } from './bounded-map.ts'
import { isEmpty, type Rate, remainingOf } from './bucket.ts'
import type { BucketStore } from './bucket-store.ts'
import { tenantBucketKey } from './rate-keys.ts'
import { LEASE_MS, TenantClosedError } from './tenant-gate.ts'

/** Most that one lease takes of a tenant's rate. */
const LARGEST_SHARE = 1 / 50
/** Tenants that a container remembers. */
const MAX_TENANTS = 5_000

/** Requests that this container may answer until `until`. */
type Lease = { left: number; size: number; until: number; wholeAt: number }

/** A request that fits, which can be given back, or none. */
export type TenantTake =
  | { result: 'taken'; wholeAt: number; remaining: number; giveBack(): void }
  | { result: 'empty'; wholeAt: number }

/**
 * Takes requests from the buckets of tenants in leases, so that a busy container writes once for many: one at first, and twice as many each time
 * when those before were used up within {@link LEASE_MS}. What a container took and did not use is gone. So a tenant never gets more than its rate,
 * and each of its containers may hold 2 % of the rate that the others miss, for five seconds.
 */
export function tenantLeases({ buckets, clock, rate }: { buckets: BucketStore; clock: Clock; rate: Rate }) {
  const leases = boundedMap<string, Lease>(MAX_TENANTS)
  const largest = Math.max(1, Math.floor(rate.limit * LARGEST_SHARE))

  /** @throws TenantClosedError when the tenant is closed */
  async function renew(tenant: string, before: Lease | undefined, now: number): Promise<Lease> {
    const wanted = before && before.until > now ? Math.min(largest, before.size * 2) : 1
    const [known, until] = [before?.wholeAt, now + LEASE_MS]
    const lease = async (size: number): Promise<Lease> => {
      const taken = await buckets.take(tenantBucketKey(tenant), { rate, now, requests: size, known })
      if (taken.result === 'closed') throw new TenantClosedError()
      return { left: taken.result === 'taken' ? size : 0, size, until, wholeAt: taken.wholeAt }
    }
    const renewed = await lease(wanted)
    return renewed.left === 0 && wanted > 1 ? lease(1) : renewed
  }

  return {
    async take(tenant: string): Promise<TenantTake> {
      const now = clock.now()
      let lease = leases.get(tenant)
      if (!lease || lease.left === 0 || lease.until <= now) {
        if (lease && isEmpty(rate, lease.wholeAt, now)) return { result: 'empty', wholeAt: lease.wholeAt }
        lease = await renew(tenant, lease, now)
        leases.set(tenant, lease)
        if (lease.left === 0) return { result: 'empty', wholeAt: lease.wholeAt }
      }
      const current = lease
      current.left--
      const giveBack = (): void => void current.left++
      return {
        result: 'taken',
        wholeAt: current.wholeAt,
        remaining: current.left + remainingOf(rate, current.wholeAt, now),
        giveBack,
      }
    },
  }
}
