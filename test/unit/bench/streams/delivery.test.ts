import { describe, expect, it } from 'vitest'
import { summariseTimes, timesOf } from '../../../../bench/streams/peers/delivery.ts'

describe('timesOf', () => {
  it('gives each token the time until a frame brought it, and the longest wait between two frames', () => {
    const emissions = [
      { at: 0, chars: 3 },
      { at: 10, chars: 6 },
      { at: 20, chars: 9 },
    ]
    const arrivals = [
      { at: 5, chars: 3 },
      { at: 65, chars: 9 },
    ]

    expect(timesOf({ emissions, arrivals })).toEqual({ firstTokenMs: 5, tokenDelaysMs: [5, 55, 45], longestStallMs: 60 })
  })

  it('leaves out what never came, and is an error when nothing did', () => {
    const emissions = [
      { at: 0, chars: 3 },
      { at: 10, chars: 6 },
    ]

    expect(timesOf({ emissions, arrivals: [{ at: 4, chars: 3 }] }).tokenDelaysMs).toEqual([4])
    expect(() => timesOf({ emissions, arrivals: [] })).toThrow('no token arrived')
  })
})

describe('summariseTimes', () => {
  it('takes medians of replies, and percentiles of all tokens', () => {
    const reply = (first: number, stall: number) => ({ firstTokenMs: first, tokenDelaysMs: [first, 100], longestStallMs: stall })

    expect(summariseTimes([reply(10, 300), reply(20, 200), reply(30, 100)])).toEqual({
      firstTokenMs: 20,
      tokenDelayMs: { p50: 30, p99: 100 },
      longestStallMs: 200,
    })
  })
})
