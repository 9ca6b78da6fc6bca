import type { Options } from 'p-retry'

/**
 * Does what hardly ever fails, and repeats it where it does, as p-retry would: that is loaded with the first failure, which counts as its first try.
 * Every container does such work, and most never see it fail.
 */
export async function retry<Result>(work: () => Promise<Result>, options: Options): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const { default: pRetry } = await import('p-retry')
    let isFirst = true
    return pRetry(async () => {
      if (!isFirst) return work()
      isFirst = false
      throw error
    }, options)
  }
}
