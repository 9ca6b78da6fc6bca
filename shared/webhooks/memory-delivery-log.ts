import { isDeepStrictEqual } from 'node:util'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { encodeCursor } from '#shared/platform/cursor.ts'
import { isOver, keptFor } from '#shared/platform/retention.ts'
import type { DeliveryView } from '#shared/protocol/webhook.ts'
import { type Delivery, type DeliveryTarget, targetOf } from './delivery.ts'
import type { DeliveryLog } from './delivery-log.ts'
import { decodePlace, placeOf } from './delivery-place.ts'

type Entry = {
  tenant: string
  target: DeliveryTarget
  view: DeliveryView
  nextAttempt: number
  busyUntil: number
  expiresAt: number
}

/** Deliveries in memory, for tests. */
export function memoryDeliveryLog({
  retentionDays = 30,
  clock = systemClock,
}: {
  retentionDays?: number
  clock?: Clock
} = {}): DeliveryLog {
  const entries = new Map<string, Entry>()
  const keyOf = (delivery: Delivery) => JSON.stringify([delivery.tenant, targetOf(delivery), placeOf(delivery)])
  return {
    async begin(delivery, { now, until }) {
      const key = keyOf(delivery)
      const entry = entries.get(key)
      if (entry && (entry.view.status !== 'pending' || entry.nextAttempt > delivery.attempt)) return 'done'
      if (entry && entry.busyUntil >= now) return 'busy'
      const { tenant, deliveryId, type, time, attempt } = delivery
      const target = targetOf(delivery)
      const view: DeliveryView = { deliveryId, type, time, ...target, status: 'pending', attempts: [] }
      entries.set(key, { tenant, target, view, nextAttempt: attempt, ...entry, busyUntil: until, ...keptFor(retentionDays, now) })
      return 'begun'
    },

    async record(delivery, attempt, status) {
      const entry = entries.get(keyOf(delivery))
      if (entry?.view.status !== 'pending') return
      entry.view.attempts.push(attempt)
      entry.view.status = status
      entry.nextAttempt = delivery.attempt + 1
      entry.busyUntil = 0
    },

    async list(tenant, target, { limit, after }) {
      const before = after === undefined ? undefined : decodePlace(after)
      const all = [...entries.values()]
        .filter((entry) => !isOver(entry, clock.now()))
        .filter((entry) => entry.tenant === tenant && isDeepStrictEqual(entry.target, target))
        .map(({ view }) => view)
        .sort((one, other) => (placeOf(one) < placeOf(other) ? 1 : -1))
        .filter((view) => before === undefined || placeOf(view) < before)
      const deliveries = all.slice(0, limit)
      const last = deliveries.at(-1)
      return structuredClone({
        deliveries,
        ...(last && all.length > limit && { next: encodeCursor(placeOf(last)) }),
      })
    },
  }
}
