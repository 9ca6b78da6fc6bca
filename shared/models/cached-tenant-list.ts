import { type Clock, MINUTE_MS } from '#shared/platform/clock.ts'
import type { TenantList } from './tenant-list.ts'

const MAX_TENANTS = 1_000

/** Caches a tenant's list, even an empty one, for a minute: the longest time until a change is noticed. */
export function cachedTenantList<Thing>(lists: Pick<TenantList<Thing>, 'list'>, clock: Clock): Pick<TenantList<Thing>, 'list'> {
  const known = new Map<string, { reading: Promise<Thing[]>; readAt: number }>()
  return {
    list(tenant) {
      const entry = known.get(tenant)
      if (entry && clock.now() - entry.readAt < MINUTE_MS) return entry.reading
      if (known.size >= MAX_TENANTS) known.clear()
      const reading = lists.list(tenant)
      known.set(tenant, { reading, readAt: clock.now() })
      // After a failure the next call reads again; those that share this promise get the error.
      reading.catch(() => known.delete(tenant))
      return reading
    },
  }
}
