import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_ATTEMPTS, pauseAfter } from '#shared/webhooks/retry-schedule.ts'

const pauses = (random: () => number): number[] =>
  Array.from({ length: MAX_ATTEMPTS - 1 }, (_none, index) => pauseAfter(index + 1, 0, random))

describe('pauseAfter', () => {
  it('grows to a quarter of an hour, and all pauses together to about one', () => {
    const longest = pauses(() => 0)

    expect(longest).toEqual([5, 30, 180, 900, 900, 900, 900])
    expect(longest.reduce((sum, seconds) => sum + seconds)).toBeGreaterThan(3_600)
  })

  it('takes away up to a fifth by chance', () => {
    expect(pauses(() => 1)).toEqual([4, 24, 144, 720, 720, 720, 720])
  })

  it('never undercuts what the address asked for, up to an hour', () => {
    expect(pauseAfter(1, 120)).toBe(120)
    expect(pauseAfter(4, 10, () => 0)).toBe(900)
    expect(pauseAfter(1, 86_400)).toBe(3_600)
  })

  it('is a whole number of seconds for every chance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_ATTEMPTS }), fc.double({ min: 0, max: 5_000, noNaN: true }), (attempt, asked) => {
        const seconds = pauseAfter(attempt, asked)

        expect(Number.isInteger(seconds)).toBe(true)
        expect(seconds).toBeGreaterThanOrEqual(4)
        expect(seconds).toBeLessThanOrEqual(3_600)
      }),
    )
  })
})
