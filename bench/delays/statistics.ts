/** Milliseconds. With fewer than 100 samples, the 99th percentile is the largest. */
export type Summary = { p50: number; p99: number; samples: number }

/** Percentile by nearest rank: the smallest value that at least `percent` of all are not above. */
export function percentile(values: number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]
  if (value === undefined) throw new RangeError('no values, no percentile')
  return value
}

export const summarise = (values: number[]): Summary => ({
  p50: rounded(percentile(values, 50)),
  p99: rounded(percentile(values, 99)),
  samples: values.length,
})

/** To a tenth of a millisecond. */
export const rounded = (milliseconds: number): number => Math.round(milliseconds * 10) / 10

/** Milliseconds since the epoch, as the time stamps of the functions, but with fractions. */
export const epochMs = (): number => performance.timeOrigin + performance.now()
