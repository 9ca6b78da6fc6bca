import type { Counters } from './counters.ts'

/** Upper bounds of the buckets, in seconds: an execution may take a fifth of a second, or its time limit. Never changed: totals are kept in them. */
export const HISTOGRAMS = {
  /** From the start of an execution to its end, with its retries and their pauses. */
  duration: [0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1_800],
  /** From an accepted execution to its start. */
  wait: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200],
} as const

export type HistogramName = keyof typeof HISTOGRAMS

/** How many values fell into which bucket. */
export type Histogram = {
  /** Values up to each bound, those of the bounds before it left out; the last one counts what is greater than all bounds. */
  counts: number[]
  bounds: readonly number[]
  /** Of all values, in seconds. */
  sum: number
  count: number
}

/** One value, as counters. @param milliseconds - negative is 0: clocks of two machines may differ */
export function observation(name: HistogramName, milliseconds: number): Counters {
  const ms = Math.max(0, Math.round(milliseconds))
  const bound = HISTOGRAMS[name].find((each) => ms <= each * 1_000)
  return { [bucketName(name, bound)]: 1, [`${name}Ms`]: ms }
}

/** The histogram that counters hold. */
export function histogramOf(name: HistogramName, counters: Counters): Histogram {
  const bounds = HISTOGRAMS[name]
  const counts = [...bounds, undefined].map((bound) => counters[bucketName(name, bound)] ?? 0)
  const count = counts.reduce((sum, each) => sum + each, 0)
  return { counts, bounds, sum: (counters[`${name}Ms`] ?? 0) / 1_000, count }
}

const bucketName = (name: HistogramName, bound: number | undefined): string => `${name}:${bound ?? 'more'}`

/**
 * Estimates a quantile, in seconds, as `histogram_quantile` of Prometheus does: values are taken to lie evenly within their bucket. What is
 * greater than the last bound is taken for that bound.
 *
 * @param share - 0 to 1
 * @returns null when there are no values
 */
export function quantile({ counts, bounds, count }: Histogram, share: number): number | null {
  if (count === 0) return null
  const rank = share * count
  let below = 0
  for (const [index, upper] of bounds.entries()) {
    const within = counts[index] ?? 0
    if (within > 0 && below + within >= rank) {
      const lower = bounds[index - 1] ?? 0
      return lower + (upper - lower) * ((rank - below) / within)
    }
    below += within
  }
  return bounds.at(-1) ?? null
}
