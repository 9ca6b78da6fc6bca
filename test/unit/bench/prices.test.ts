import { describe, expect, it } from 'vitest'
import { addUnits, costOf, PRICES } from '../../../bench/prices.ts'

describe('costOf', () => {
  it('is the price of the list for its quantity', () => {
    expect(costOf({ dynamodbWriteUnits: 1_000_000 })).toBe(0.625)
  })

  it('adds up what one call is charged for', () => {
    expect(costOf({ sqsRequests: 2_000_000, sqsFairRequests: 2_000_000 })).toBeCloseTo(1, 12)
  })

  it('is nothing for nothing', () => {
    expect(costOf({})).toBe(0)
  })
})

it('addUnits keeps both sides as they are', () => {
  const a = { busEvents: 1 }
  expect(addUnits(a, { busEvents: 2, httpRequests: 1 })).toEqual({ busEvents: 3, httpRequests: 1 })
  expect(a).toEqual({ busEvents: 1 })
})

it.each(Object.entries(PRICES))('the price of %s says where and when it was read', (_, { date, source, usd }) => {
  expect(date).toMatch(/^20\d\d-\d\d-\d\d$/)
  expect(source).toMatch(/^https:\/\/aws\.amazon\.com\//)
  expect(usd).toBeGreaterThan(0)
})
