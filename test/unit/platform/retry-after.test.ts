import { describe, expect, it } from 'vitest'
import { retryAfterSeconds } from '#shared/platform/retry-after.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z')

describe('retryAfterSeconds', () => {
  it.each([
    [{ 'retry-after': '7' }, { retryAfterSeconds: 7 }],
    [{ 'retry-after': '0' }, { retryAfterSeconds: 0 }],
    [{ 'retry-after': '1.5' }, { retryAfterSeconds: 1.5 }],
    [{ 'retry-after-ms': '250', 'retry-after': '1' }, { retryAfterSeconds: 0.25 }],
    [{ 'retry-after': 'Sat, 21 Nov 2026 09:30:20 GMT' }, { retryAfterSeconds: 20 }],
    [{ 'retry-after': 'Sat, 21 Nov 2026 09:29:00 GMT' }, { retryAfterSeconds: 0 }],
    [{ 'retry-after': 'soon' }, {}],
    [{ 'retry-after': '-3' }, {}],
    [{}, {}],
  ])('reads %j', (headers, expected) => {
    expect(retryAfterSeconds(new Headers(headers), NOW)).toEqual(expected)
  })

  it('asks for nothing without an answer', () => {
    expect(retryAfterSeconds(undefined)).toEqual({})
  })
})
