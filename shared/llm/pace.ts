import { sleep } from '#shared/platform/clock.ts'

/**
 * Waits until the next item of a steady series is due. The beat is kept by the clock, so that late timers do not add up.
 *
 * @param perSecond - items per second; 0 means without pause
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
