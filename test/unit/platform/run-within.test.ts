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

  it('gives a second chance to what had to wait for the processor, and no third one', () => {
    const clock = new Int32Array(new SharedArrayBuffer(4))
    let runs = 0
    const waiting = (times: number) => () => {
      runs += 1
      if (runs <= times) Atomics.wait(clock, 0, 0, 60_000)
      return 'done'
    }

    expect(runWithin(100, waiting(1))).toBe('done')
    expect(() => runWithin(100, waiting(4))).toThrow('timed out')
    expect(runs).toBe(4)
  })

  it('tells no other error for a time that is up', () => {
    expect(isTimeUp(new Error('Script execution timed out after 50ms'))).toBe(false)
    expect(isTimeUp(undefined)).toBe(false)
  })
})
