import { sleep } from '#shared/platform/clock.ts'

/**
 * A function that waits until the next item of a steady series is due. Due times follow from the start, so that late timers do not add up.
 *
 * @param perSecond - items per second; 0 means no pause
 */
export function pace(perSecond: number, signal: AbortSignal): () => Promise<void> {
  const start = performance.now()
  let items = 0
  return async () => {
    signal.throwIfAborted()
    if (perSecond === 0) return
    const due = start + (items++ * 1_000) / perSecond
    const early = due - performance.now()
    if (early >= 1) await sleep(early, signal)
  }
}
