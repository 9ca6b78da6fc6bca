/** Upper bounds of the buckets: milliseconds to the first token. Must never change, because stored hours use them. */
export const LATENCY_BOUNDS = [100, 200, 350, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 8_000, 15_000, 30_000] as const

/** A model of a provider, with one set of keys. */
export type LatencyKey = { provider: string; service: string; model: string }

/**
 * The sums of a model's calls. `counts` is a histogram: one entry for each bound, and a last one for everything above. The cost is absent if no price was
 * known.
 */
export type LatencyFigures = { calls: number; errors: number; costMicroUsd?: number | undefined; counts: number[] }

/** The figures of one hour; `hour` is its start, in milliseconds since the epoch. */
export type LatencyHour = { key: LatencyKey; hour: number; figures: LatencyFigures }

/** Stores how long models took, by tenant and hour. */
export type LatencyStore = {
  /** Adds to what is stored. */
  add(tenant: string, hours: readonly LatencyHour[]): Promise<void>
  /** All hours that start at `from` or later, oldest first. */
  list(tenant: string, from: number): Promise<LatencyHour[]>
}

/** How long hours are kept. */
export const LATENCY_KEPT_DAYS = 8

export const noFigures = (): LatencyFigures => ({
  calls: 0,
  errors: 0,
  counts: Array.from({ length: LATENCY_BOUNDS.length + 1 }, () => 0),
})

export const addFigures = (one: LatencyFigures, other: LatencyFigures): LatencyFigures => ({
  calls: one.calls + other.calls,
  errors: one.errors + other.errors,
  ...costOf(one.costMicroUsd, other.costMicroUsd),
  counts: one.counts.map((count, index) => count + (other.counts[index] ?? 0)),
})

const costOf = (...costs: (number | undefined)[]): Pick<LatencyFigures, 'costMicroUsd'> => {
  const known = costs.filter((cost) => cost !== undefined)
  return known.length === 0 ? {} : { costMicroUsd: known.reduce((sum, cost) => sum + cost, 0) }
}
