import { describe, expect, it } from 'vitest'
import { partsOf, platformDelay } from '../../../bench/delays/first-frame-sample.ts'

describe('partsOf', () => {
  const stamps = { sentAt: 0, acceptedAt: 7, startedAt: 15, model: { askedAt: 35, firstTokenAt: 285 }, arrivedAt: 300 }

  it('tells where the time went, and leaves the model out of the delay', () => {
    const parts = partsOf(stamps, 5)

    expect(parts).toEqual({ door: 7, queue: 8, start: 20, model: 250, log: 10, post: 5 })
    expect(platformDelay(parts)).toBe(43)
  })

  it('has no negative part when the post was quicker than the bare one', () => {
    expect(partsOf(stamps, 20)).toMatchObject({ log: 0, post: 15 })
  })
})
