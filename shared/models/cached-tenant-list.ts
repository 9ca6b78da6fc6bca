import { type Clock, MINUTE_MS } from '#shared/platform/clock.ts'
import type { TenantList } from './tenant-list.ts'

const MAX_TENANTS = 1_000

/** Remembers the things of a tenant for a minute, and that it has none: the longest time that a change takes to be noticed. */
export function cachedTenantList<Thing>(lists: Pick<TenantList<Thing>, 'list'>, clock: Clock): Pick<TenantList<Thing>, 'list'> {
  const known = new Map<string, { reading: Promise<Thing[]>; readAt: number }>()
  return {
    list(tenant) {
      const entry = known.get(tenant)
      if (entry && clock.now() - entry.readAt < MINUTE_MS) return entry.reading
      if (known.size >= MAX_TENANTS) known.clear()
      const reading = lists.list(tenant)
      known.set(tenant, { reading, readAt: clock.now() })
      // A list that could not be read is read again with the next call; whoever waits for this one is told.
      reading.catch(() => known.delete(tenant))
      return reading
    },
  }
}
