import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flushWindow, LONGEST_MS, WINDOW_MS } from '#shared/streams/flush-window.ts'

const of = (state: Partial<Parameters<typeof flushWindow>[0]>): number =>
  flushWindow({ flushes: 2, viewers: 1, pressure: 0, ...state })

describe('flushWindow', () => {
  it('lets the first text go at once, whoever looks', () => {
    expect([0, 1, 500].map((viewers) => of({ flushes: 0, viewers, pressure: 3 }))).toEqual([0, 0, 0])
  })

  it('is short once, and then stays the same for one viewer', () => {
    expect([1, 2, 3, 40].map((flushes) => of({ flushes }))).toEqual([100, WINDOW_MS, WINDOW_MS, WINDOW_MS])
  })

  it('makes of ten seconds of text no more than forty-two flushes', () => {
    let [flushes, time] = [0, 0]
    for (; time <= 10_000; flushes++) time += of({ flushes: flushes + 1 })
    expect(flushes).toBeLessThanOrEqual(42)
  })

  it('hurries for nobody', () => {
    expect([1, 2].map((flushes) => of({ flushes, viewers: 0 }))).toEqual([WINDOW_MS, WINDOW_MS])
  })

  it('doubles with a hundred more viewers, and with each step of pressure', () => {
    expect(of({ viewers: 101 })).toBe(2 * WINDOW_MS)
    expect(of({ viewers: 200 })).toBeLessThan(3 * WINDOW_MS)
    expect(of({ pressure: 1 })).toBe(2 * WINDOW_MS)
    expect(of({ viewers: 101, pressure: 0.5 })).toBe(Math.round(2 * WINDOW_MS * Math.SQRT2))
  })

  it('never shrinks when there is more of anything, and keeps within its bounds', async () => {
    const state = fc.record({
      flushes: fc.nat(500),
      viewers: fc.integer({ min: 1, max: 1_000 }),
      pressure: fc.double({ min: 0, max: 4, noNaN: true }),
    })
    await fc.assert(
      fc.property(state, fc.constantFrom('flushes', 'viewers', 'pressure'), (less, field) => {
        const [before, after] = [flushWindow(less), flushWindow({ ...less, [field]: less[field] + 1 })]
        expect(after).toBeGreaterThanOrEqual(before)
        expect(after).toBeLessThanOrEqual(LONGEST_MS)
      }),
    )
  })
})
