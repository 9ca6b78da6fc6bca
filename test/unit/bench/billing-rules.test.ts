import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  busEvents,
  httpRequests,
  readUnits,
  socketMessages,
  socketMinutes,
  sqsRequests,
  writeUnits,
} from '../../../bench/counts/billing-rules.ts'

const KB = 1024

describe('DynamoDB, by the examples of its pricing page', () => {
  it.each([
    [1 * KB, 1],
    [1 * KB + 1, 2],
    [3 * KB, 3],
  ])('a write of %i bytes is %i units', (bytes, units) => {
    expect(writeUnits(bytes)).toBe(units)
  })

  it('a write of 3 KB in a transaction is six units', () => {
    expect(writeUnits(3 * KB, { transactional: true })).toBe(6)
  })

  it.each([
    ['consistent', 2],
    ['eventual', 1],
    ['transactional', 4],
  ] as const)('a %s read of 8 KB is %i units', (consistency, units) => {
    expect(readUnits(8 * KB, consistency)).toBe(units)
  })

  it('an eventually consistent read of up to 4 KB is half a unit', () => {
    expect(readUnits(4 * KB, 'eventual')).toBe(0.5)
  })

  it('what is not there is charged as the smallest item', () => {
    expect([writeUnits(0), readUnits(0, 'consistent')]).toEqual([1, 1])
  })
})

describe('what is metered in chunks', () => {
  it.each([
    ['a message of 256 KB is four SQS requests', sqsRequests(256 * KB), 4],
    ['a message of 64 KB is one SQS request', sqsRequests(64 * KB), 1],
    ['an event of 65 KB is two events of a bus', busEvents(65 * KB), 2],
    ['a frame of 33 KB is two WebSocket messages', socketMessages(33 * KB), 2],
    ['a frame of 24 KB is one WebSocket message', socketMessages(24 * KB), 1],
    ['a request of 513 KB is two HTTP requests', httpRequests(513 * KB), 2],
    ['ten seconds are a minute of a socket', socketMinutes(10_000), 1],
  ])('%s', (_, units, expected) => {
    expect(units).toBe(expected)
  })

  it('is never cheaper in two parts', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (one, other) => {
        expect(sqsRequests(one) + sqsRequests(other)).toBeGreaterThanOrEqual(sqsRequests(one + other))
      }),
    )
  })
})
