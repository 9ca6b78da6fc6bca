/** Time as the rooms see it; tests pass their own. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number
}

/** Milliseconds of a minute, an hour and a day (of UTC, which has no shorter ones). */
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

export const systemClock: Clock = { now: () => Date.now() }

/** RFC 3339 in UTC. */
export const timestamp = (clock: Clock): string => new Date(clock.now()).toISOString()

/** TTL attribute of DynamoDB: seconds since the epoch. */
export const epochSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1_000)

/** Waits, and ends early with the signal's reason when it aborts. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
