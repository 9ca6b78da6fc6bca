import { boundedMap } from '#shared/limits/bounded-map.ts'
import { type Clock, HOUR_MS, MINUTE_MS } from '#shared/platform/clock.ts'
import {
  addFigures,
  LATENCY_BOUNDS,
  type LatencyFigures,
  type LatencyHour,
  type LatencyKey,
  type LatencyStore,
  noFigures,
} from './latency-store.ts'
import type { Measurement } from './with-metering.ts'

/** How long models took lately. */
export type Latencies = {
  /** Collects measurements and writes them now and then. When a container ends, up to half a minute of them is lost. */
  record(tenant: string, key: LatencyKey, measurement: Measurement): Promise<void>
  /** The median time to the first token in the last hours, in milliseconds; undefined without calls. */
  firstTokenMs(tenant: string, key: LatencyKey): Promise<number | undefined>
}

/** Shortest pause between two writes of a container, in milliseconds. */
export const WRITE_EVERY_MS = 30_000
/** How long a reading is used, and how far back it goes. */
const MAX_AGE_MS = MINUTE_MS
const RECENT_MS = 3 * HOUR_MS
const MAX_TENANTS = 1_000

const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS

/** @param onLost - called when the store could not be reached */
export function sharedLatencies(store: LatencyStore, clock: Clock, onLost: (error: unknown) => void): Latencies {
  let gathered = new Map<string, { tenant: string; hour: LatencyHour }>()
  // The first measurement is written at once: whoever tries something looks for it right after.
  let writtenAt = Number.NEGATIVE_INFINITY
  const recent = boundedMap<string, { hours: Promise<LatencyHour[]>; readAt: number }>(MAX_TENANTS)

  async function write(): Promise<void> {
    const entries = [...gathered.values()]
    gathered = new Map()
    writtenAt = clock.now()
    const byTenant = Map.groupBy(entries, ({ tenant }) => tenant)
    await Promise.all(
      [...byTenant].map(([tenant, rows]) =>
        store.add(
          tenant,
          rows.map(({ hour }) => hour),
        ),
      ),
    ).catch(onLost)
  }

  function hoursOf(tenant: string): Promise<LatencyHour[]> {
    const entry = recent.get(tenant)
    if (entry && clock.now() - entry.readAt < MAX_AGE_MS) return entry.hours
    const hours = store.list(tenant, hourOf(clock.now() - RECENT_MS)).catch((error: unknown) => {
      onLost(error)
      return []
    })
    recent.set(tenant, { hours, readAt: clock.now() })
    return hours
  }

  return {
    async record(tenant, key, measurement) {
      const hour = hourOf(clock.now())
      const name = JSON.stringify([tenant, hour, key.provider, key.service, key.model])
      const before = gathered.get(name)?.hour.figures ?? noFigures()
      gathered.set(name, { tenant, hour: { key, hour, figures: addFigures(before, figuresOf(measurement)) } })
      if (clock.now() - writtenAt >= WRITE_EVERY_MS) await write()
    },

    async firstTokenMs(tenant, { provider, service, model }) {
      const hours = (await hoursOf(tenant)).filter(
        ({ key }) => key.provider === provider && key.service === service && key.model === model,
      )
      return percentile(hours.map(({ figures }) => figures).reduce(addFigures, noFigures()), 0.5)
    },
  }
}

function figuresOf({ firstTokenMs, failed, costMicroUsd }: Measurement): LatencyFigures {
  const counts = noFigures().counts
  if (firstTokenMs !== undefined) counts[bucketOf(firstTokenMs)] = 1
  return { calls: 1, errors: failed ? 1 : 0, ...(costMicroUsd !== undefined && { costMicroUsd }), counts }
}

const bucketOf = (ms: number): number => {
  const index = LATENCY_BOUNDS.findIndex((bound) => ms <= bound)
  return index === -1 ? LATENCY_BOUNDS.length : index
}

/** A percentile of the time to the first token, in milliseconds, assuming an even spread within each bucket; undefined without calls. */
export function percentile({ counts }: LatencyFigures, share: number): number | undefined {
  const rank = share * counts.reduce((sum, count) => sum + count, 0)
  if (rank === 0) return undefined
  let below = 0
  for (const [index, upper] of LATENCY_BOUNDS.entries()) {
    const within = counts[index] ?? 0
    const lower = LATENCY_BOUNDS[index - 1] ?? 0
    if (within > 0 && below + within >= rank) return Math.round(lower + (upper - lower) * ((rank - below) / within))
    below += within
  }
  return LATENCY_BOUNDS.at(-1)
}
