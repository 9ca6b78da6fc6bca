import './lazy-modules.ts'
import type { Clock } from '#shared/platform/clock.ts'

/** Time in which many tasks wait at once. It moves on to the next of them when nobody has anything else to do, so that hours pass in a moment. */
export type SimulatedTime = Clock & {
  sleep(milliseconds: number): Promise<void>
  /** Lets time pass until the work is done. */
  run<Result>(work: Promise<Result>): Promise<Result>
}

export function simulatedTime(start = Date.parse('2026-11-21T09:00:00Z')): SimulatedTime {
  let now = start
  const sleepers: { at: number; wake: () => void }[] = []

  /** Those who wake at the same moment do so in the order in which they lay down. */
  function wakeNext(): void {
    const next = sleepers.shift()
    if (!next) throw new Error('everybody waits for something that never comes')
    now = next.at
    next.wake()
  }

  return {
    now: () => now,
    sleep(milliseconds) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const at = now + Math.max(0, milliseconds)
      const place = sleepers.findIndex((other) => other.at > at)
      sleepers.splice(place === -1 ? sleepers.length : place, 0, { at, wake: resolve })
      return promise
    },
    async run(work) {
      let isDone = false
      const done = work.finally(() => {
        isDone = true
      })
      done.catch(() => undefined)
      for (;;) {
        // Every promise that can be settled now is settled before this one.
        await new Promise(setImmediate)
        if (isDone) return done
        wakeNext()
      }
    },
  }
}
