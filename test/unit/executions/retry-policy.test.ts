import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryDelay, retryPolicyOf } from '#shared/executions/retry-policy.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { ERROR_STATUS, type ErrorCode, isRetryableCode } from '#shared/protocol/error-codes.ts'

const codes = Object.keys(ERROR_STATUS) as ErrorCode[]
const longest = () => 1
const POLICY = { maxAttempts: 3, backoffSeconds: 1 }

describe('retryPolicyOf', () => {
  it('is three attempts, ten seconds apart, when nobody says anything', () => {
    expect(retryPolicyOf({}, undefined)).toEqual({ maxAttempts: 3, backoffSeconds: 10, retryOnErrors: undefined })
  })

  it('follows the agent, and the request before the agent, field by field', () => {
    const agent = { retry: { maxAttempts: 5, backoffSeconds: 2, retryOnErrors: ['rate_limit' as const] } }

    expect(retryPolicyOf({}, agent)).toEqual(agent.retry)
    expect(retryPolicyOf({ retry: { maxAttempts: 1 } }, agent)).toEqual({ ...agent.retry, maxAttempts: 1 })
    expect(retryPolicyOf({ retry: { backoffSeconds: 0 } }, agent)).toEqual({ ...agent.retry, backoffSeconds: 0 })
    expect(retryPolicyOf({ retry: { retryOnErrors: [] } }, agent)).toEqual({ ...agent.retry, retryOnErrors: [] })
  })
})

describe('retryDelay', () => {
  it('doubles with each attempt, up to a quarter of an hour', () => {
    const error = new SluiceError('provider_error', 'overloaded')
    const policy = { maxAttempts: 20, backoffSeconds: 10 }

    const delays = [1, 2, 3, 7, 8, 19].map((attempt) => retryDelay(error, attempt, policy, longest))

    expect(delays).toEqual([10_000, 20_000, 40_000, 640_000, 900_000, 900_000])
  })

  it('begins beyond that where the policy does', () => {
    const error = new SluiceError('provider_error', 'overloaded')

    expect(retryDelay(error, 2, { maxAttempts: 3, backoffSeconds: 3_600 }, longest)).toBe(3_600_000)
  })

  it('waits any time between half of that and that, so that callers neither come back together nor use up their attempts at once', () => {
    const error = new SluiceError('provider_error', 'overloaded')

    expect([0, 0.25, 0.5].map((random) => retryDelay(error, 2, POLICY, () => random))).toEqual([1_000, 1_250, 1_500])
  })

  it('begins where the provider asks for, and does not end at the same moment for all', () => {
    const error = new SluiceError('rate_limit', 'too many', { retryAfterSeconds: 7 })

    expect([0, 0.5, 1].map((random) => retryDelay(error, 1, POLICY, () => random))).toEqual([7_000, 7_500, 8_000])
  })

  it('ends with the last attempt', () => {
    const error = new SluiceError('rate_limit', 'too many', { retryAfterSeconds: 1 })

    expect(retryDelay(error, 2, POLICY, longest)).toBe(3_000)
    expect(retryDelay(error, 3, POLICY)).toBeUndefined()
    expect(retryDelay(error, 4, POLICY)).toBeUndefined()
  })

  it('comes after what may pass, and never after what is permanent', () => {
    for (const code of codes) expect(retryDelay(new SluiceError(code, code), 1, POLICY) !== undefined).toBe(isRetryableCode(code))
  })

  it('comes after those errors alone that the policy names, and not after a permanent one that it names', () => {
    const policy = { ...POLICY, retryOnErrors: ['timeout', 'authentication_error'] satisfies ErrorCode[] }

    const retried = codes.filter((code) => retryDelay(new SluiceError(code, code), 1, policy) !== undefined)

    expect(retried).toEqual(['timeout'])
  })

  it('follows the error where it knows better than its code', () => {
    expect(retryDelay(new SluiceError('rate_limit', 'out of credit', { retryable: false }), 1, POLICY)).toBeUndefined()
    expect(retryDelay(new SluiceError('internal', 'restarting', { retryable: true }), 1, POLICY, longest)).toBe(1_000)
  })

  it('is a whole number of milliseconds, within its bounds', async () => {
    await fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 86_400, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
        (attempt, maxAttempts, backoffSeconds, random, retryAfterSeconds) => {
          const options = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
          const error = new SluiceError('rate_limit', 'too many', options)

          const delay = retryDelay(error, attempt, { maxAttempts, backoffSeconds }, () => random)

          expect(delay === undefined).toBe(attempt >= maxAttempts)
          if (delay === undefined) return
          const asked = (retryAfterSeconds ?? 0) * 1_000
          expect(Number.isInteger(delay)).toBe(true)
          expect(delay).toBeGreaterThanOrEqual(Math.floor(asked))
          expect(delay).toBeLessThanOrEqual(Math.ceil(asked + Math.max(900_000, backoffSeconds * 1_000)))
        },
      ),
    )
  })
})
