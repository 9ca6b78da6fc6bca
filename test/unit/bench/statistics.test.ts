import { describe, expect, it } from 'vitest'
import { percentile, summarise } from '../../../bench/delays/statistics.ts'

describe('percentile', () => {
  it.each([
    [50, 20],
    [75, 30],
    [76, 40],
    [99, 40],
    [0, 10],
  ])('the %ith of four values is %i, by nearest rank', (percent, value) => {
    expect(percentile([40, 10, 30, 20], percent)).toBe(value)
  })

  it('needs values', () => {
    expect(() => percentile([], 50)).toThrow(RangeError)
  })

  it('is rounded to a tenth for people', () => {
    expect(summarise([1.26, 2.04])).toEqual({ p50: 1.3, p99: 2, samples: 2 })
  })
})
