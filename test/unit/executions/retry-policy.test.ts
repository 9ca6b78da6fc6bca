import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_ATTEMPTS, retryDelay } from '#shared/executions/retry-policy.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { ERROR_STATUS, type ErrorCode, isRetryableCode } from '#shared/protocol/error-codes.ts'

const codes = Object.keys(ERROR_STATUS) as ErrorCode[]
const longest = () => 1

describe('retryDelay', () => {
  it('grows from one second', () => {
    const error = new SluiceError('provider_error', 'overloaded')

    expect([1, 2].map((attempt) => retryDelay(error, attempt, longest))).toEqual([1_000, 2_000])
  })

  it('waits any time up to that, so that callers do not come back together', () => {
    const error = new SluiceError('provider_error', 'overloaded')

    expect([0, 0.25, 0.5].map((random) => retryDelay(error, 2, () => random))).toEqual([0, 500, 1_000])
  })

  it('is never shorter than the provider asks for', () => {
    const error = new SluiceError('rate_limit', 'too many', { retryAfterSeconds: 7 })

    expect(retryDelay(error, 1, longest)).toBe(7_000)
    expect(retryDelay(error, 1, () => 0)).toBe(7_000)
    expect(retryDelay(new SluiceError('rate_limit', 'too many', { retryAfterSeconds: 0.5 }), 1, longest)).toBe(1_000)
  })

  it('ends with the last attempt', () => {
    const error = new SluiceError('rate_limit', 'too many', { retryAfterSeconds: 1 })

    expect(retryDelay(error, MAX_ATTEMPTS - 1, longest)).toBe(2_000)
    expect(retryDelay(error, MAX_ATTEMPTS)).toBeUndefined()
    expect(retryDelay(error, MAX_ATTEMPTS + 1)).toBeUndefined()
  })

  it('comes after what may pass, and never after what is permanent', () => {
    for (const code of codes) expect(retryDelay(new SluiceError(code, code), 1) !== undefined).toBe(isRetryableCode(code))
  })

  it('follows the error where it knows better than its code', () => {
    expect(retryDelay(new SluiceError('rate_limit', 'out of credit', { retryable: false }), 1)).toBeUndefined()
    expect(retryDelay(new SluiceError('internal', 'restarting', { retryable: true }), 1, longest)).toBe(1_000)
  })

  it('is a whole number of milliseconds, within its bounds', async () => {
    await fc.assert(
      fc.property(
        fc.integer({ min: 1, max: MAX_ATTEMPTS - 1 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
        (attempt, random, retryAfterSeconds) => {
          const options = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
          const delay = retryDelay(new SluiceError('rate_limit', 'too many', options), attempt, () => random) ?? -1
          expect(Number.isInteger(delay)).toBe(true)
          expect(delay).toBeGreaterThanOrEqual(Math.floor((retryAfterSeconds ?? 0) * 1_000))
          expect(delay).toBeLessThanOrEqual(Math.max(2_000, Math.ceil((retryAfterSeconds ?? 0) * 1_000)))
        },
      ),
    )
  })
})
