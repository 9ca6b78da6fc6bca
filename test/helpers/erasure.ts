import type { EraseTenantDependencies } from '#shared/erasure/erase-tenant.ts'
import type { ErasurePlace } from '#shared/erasure/erasure-place.ts'
import { memoryErasureQueue } from '#shared/erasure/memory-erasure-queue.ts'
import { memoryErasureStore } from '#shared/erasure/memory-erasure-store.ts'
import { memoryTenantGate } from '#shared/limits/memory-tenant-gate.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryPresenceStore } from '#shared/streams/memory-presence-store.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { memoryWorld } from './executions.ts'

/** A place whose things are lines `<tenant>/<thing>`, two of which are looked at in a step. */
export function memoryPlace(name: string, things: string[]): ErasurePlace & { things: string[] } {
  const place = {
    name,
    things,
    async erase(tenant: string, cursor = '0') {
      const from = Number(cursor)
      const page = place.things.slice(from, from + 2)
      const found = page.filter((thing) => thing.startsWith(`${tenant}/`))
      place.things = place.things.filter((thing) => !found.includes(thing))
      const next = from + page.length - found.length
      return { looked: page.length, found: found.length, ...(next < place.things.length && { next: String(next) }) }
    },
  }
  return place
}

/** What an erasure is done with, in memory; time passes when the queue is waited for. */
export function erasureWorld(places: readonly ErasurePlace[], overrides: Partial<EraseTenantDependencies> = {}) {
  let now = Date.parse('2026-11-21T09:30:00.000Z')
  const clock = { now: () => now }
  const { log: streamLog, gates, ...stores } = memoryWorld(clock)
  const erasureQueue = memoryErasureQueue()
  const logger = memoryLog()
  const poster = memoryConnectionPoster()
  const presence = memoryPresenceStore(clock)
  const dependencies = {
    ...stores,
    streamLog,
    workQueue: memoryWorkQueue(),
    subscriptions: memorySubscriptionStore(streamLog, clock),
    presence,
    poster,
    erasures: memoryErasureStore(),
    erasureQueue,
    tenantGate: memoryTenantGate(),
    places,
    patienceMs: 60_000,
    clock,
    logger,
    ...overrides,
  }
  return {
    dependencies,
    gates,
    presence,
    poster,
    logger,
    erasureQueue,
    /** What the queue gives next, when its time has come. */
    next() {
      const message = erasureQueue.sent.shift()
      now += (message?.delaySeconds ?? 0) * 1_000
      return message?.erasureId
    },
    later(milliseconds: number) {
      now += milliseconds
    },
  }
}
