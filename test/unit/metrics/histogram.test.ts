import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addCounters } from '#shared/metrics/counters.ts'
import { HISTOGRAMS, histogramOf, observation, quantile } from '#shared/metrics/histogram.ts'

const of = (...milliseconds: number[]) =>
  histogramOf('duration', addCounters(...milliseconds.map((each) => observation('duration', each))))

describe('histogramOf', () => {
  it('counts each value in its bucket, bounds included', () => {
    const { counts, sum, count } = of(250, 251, 500, 2_000_000)

    expect(counts).toEqual([1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    expect({ sum, count }).toEqual({ sum: 2_001.001, count: 4 })
  })

  it('takes a negative time, from two clocks, for none', () => {
    expect(of(-50)).toMatchObject({ sum: 0, count: 1 })
  })
})

describe('quantile', () => {
  it('is not known without values', () => {
    expect(quantile(of(), 0.5)).toBeNull()
  })

  it('takes values to lie evenly within their bucket', () => {
    // Two in (0.5, 1]: the middle of them is the middle of the bucket.
    expect(quantile(of(600, 900), 0.5)).toBe(0.75)
    expect(quantile(of(600, 900), 1)).toBe(1)
  })

  it('takes what is beyond the last bound for that bound', () => {
    expect(quantile(of(5_000_000), 0.99)).toBe(1_800)
  })

  it('lies in the bucket of the exact quantile, and grows with its share', () => {
    const last = HISTOGRAMS.duration.at(-1) ?? 0
    void fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: last * 1_000 }), { minLength: 1 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, share) => {
          const histogram = of(...values)
          const exact = (values.toSorted((one, other) => one - other)[Math.ceil(share * values.length) - 1] ?? 0) / 1_000
          const estimate = quantile(histogram, share) ?? -1

          const upper = HISTOGRAMS.duration.findIndex((bound) => exact <= bound)
          expect(estimate).toBeGreaterThanOrEqual(HISTOGRAMS.duration[upper - 1] ?? 0)
          expect(estimate).toBeLessThanOrEqual((HISTOGRAMS.duration[upper] ?? 0) + 1e-9)
          expect(quantile(histogram, share / 2) ?? -1).toBeLessThanOrEqual(estimate)
        },
      ),
    )
  })
})
