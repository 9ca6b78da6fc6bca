import { describe, expect, it } from 'vitest'
import { isTimeUp, runWithin } from '#shared/platform/run-within.ts'

describe('runWithin', () => {
  it('gives what the work gives, and throws what it throws', () => {
    expect(runWithin(1_000, () => [1])).toEqual([1])
    expect(() =>
      runWithin(1_000, () => {
        throw new RangeError('mine')
      }),
    ).toThrow(RangeError)
  })

  it('stops a regular expression that backtracks without end', () => {
    let thrown: unknown
    try {
      runWithin(50, () => /^(a+)+$/u.test(`${'a'.repeat(80)}!`))
    } catch (error) {
      thrown = error
    }

    expect(isTimeUp(thrown)).toBe(true)
  })

  it('tells no other error for a time that is up', () => {
    expect(isTimeUp(new Error('Script execution timed out after 50ms'))).toBe(false)
    expect(isTimeUp(undefined)).toBe(false)
  })
})
