import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flushWindow, LONGEST_MS } from '#shared/streams/flush-window.ts'

const of = (state: Partial<Parameters<typeof flushWindow>[0]>): number =>
  flushWindow({ flushes: 1, viewers: 1, throttles: 0, ...state })

describe('flushWindow', () => {
  it('lets the first text go at once, whoever looks', () => {
    expect([0, 1, 500].map((viewers) => of({ flushes: 0, viewers, throttles: 3 }))).toEqual([0, 0, 0])
  })

  it('grows from 50 ms to 250 ms within about eighty flushes', () => {
    expect(of({ flushes: 1 })).toBe(52)
    expect(of({ flushes: 79 })).toBeLessThan(LONGEST_MS)
    expect(of({ flushes: 82 })).toBe(LONGEST_MS)
  })

  it('is the longest where nobody looks', () => {
    expect(of({ viewers: 0 })).toBe(LONGEST_MS)
  })

  it('doubles with fifty viewers, and with each answer of 429 up to the third', () => {
    const [one, fifty] = [of({ viewers: 1 }), of({ viewers: 50 })]

    expect(fifty).toBe(Math.round(50 * 1.02 * 2))
    expect(of({ throttles: 1 }) - 2 * one).toBeLessThanOrEqual(1)
    expect(of({ throttles: 9 })).toBe(LONGEST_MS)
    expect(flushWindow({ flushes: 1, viewers: 1, throttles: 2 })).toBe(208)
  })

  it('never shrinks when there is more of anything, and keeps within its bounds', async () => {
    const state = fc.record({ flushes: fc.nat(500), viewers: fc.integer({ min: 1, max: 1_000 }), throttles: fc.nat(20) })
    await fc.assert(
      fc.property(state, fc.constantFrom('flushes', 'viewers', 'throttles'), (less, field) => {
        const [before, after] = [flushWindow(less), flushWindow({ ...less, [field]: less[field] + 1 })]
        expect(after).toBeGreaterThanOrEqual(before)
        expect(after).toBeLessThanOrEqual(LONGEST_MS)
      }),
    )
  })
})
