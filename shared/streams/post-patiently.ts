import { sleep } from '#shared/platform/clock.ts'
import type { ConnectionPoster, PostResult } from './connection-poster.ts'

/** Posts of one frame before a connection is given up. */
const MAX_TRIES = 8
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2_000

export type PatientPost = {
  /** Ends the waiting: the invocation is about to end. */
  signal: AbortSignal
  /** Told of every 429, to slow down other posts too. */
  onThrottled?: () => void
}

/**
 * Posts one frame, again after a 429 or a passing error, with exponential pauses and full jitter.
 *
 * @returns `failed` or `throttled` only when all tries are used up or the signal aborts
 */
export async function postPatiently(
  poster: ConnectionPoster,
  connectionId: string,
  frame: string,
  { signal, onThrottled }: PatientPost,
): Promise<PostResult> {
  for (let tries = 1; ; tries++) {
    const result = await poster.post(connectionId, frame)
    if (result.status === 'sent' || result.status === 'gone' || result.status === 'refused') return result
    if (result.status === 'throttled') onThrottled?.()
    if (tries >= MAX_TRIES || signal.aborted) return result
    const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries)
    await sleep(Math.random() * ceiling, signal).catch(() => undefined)
  }
}
