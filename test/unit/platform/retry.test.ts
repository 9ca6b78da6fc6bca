import { describe, expect, it } from 'vitest'
import { retry } from '#shared/platform/retry.ts'

const QUICK = { retries: 3, minTimeout: 1, maxTimeout: 2 }

/** Fails so often, then gives how often it was called. */
function flaky(failures: number) {
  let calls = 0
  const work = async () => {
    calls++
    if (calls <= failures) throw new Error(`failure ${calls}`)
    return calls
  }
  return { work, calls: () => calls }
}

describe('retry', () => {
  it.each([0, 1, 2, 3])('gives the answer after %i failures', async (failures) => {
    const { work } = flaky(failures)

    expect(await retry(work, QUICK)).toBe(failures + 1)
  })

  it('throws the last error when there were too many, and calls no more often than it says', async () => {
    const { work, calls } = flaky(10)

    await expect(retry(work, QUICK)).rejects.toThrow('failure 4')
    expect(calls()).toBe(4)
  })

  it('throws the first error at once where no repetition helps', async () => {
    const { work, calls } = flaky(10)
    const asked: string[] = []
    const shouldRetry = ({ error }: { error: Error }): boolean => {
      asked.push(error.message)
      return false
    }

    await expect(retry(work, { ...QUICK, shouldRetry })).rejects.toThrow('failure 1')
    expect(calls()).toBe(1)
    expect(asked).toEqual(['failure 1'])
  })
})
