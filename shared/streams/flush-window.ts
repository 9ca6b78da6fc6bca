/** Pause before the second flush, in milliseconds: a client that paces its text needs a little to begin with. */
const SECOND_MS = 100
/** Every later one: a client shows the text of a frame while the next one gathers, so a longer pause looks the same and costs less. */
export const WINDOW_MS = 250
/** The longest one, however great the load is. */
export const LONGEST_MS = 2_000
/** Each hundred viewers make the pause longer by as much again. */
const CROWD = 100

/** What the next flush costs the account's budget for posts. */
export type SenderLoad = {
  /** Viewers that the writer posts to itself. */
  viewers: number
  /** How much all posts of the account press against their limit: each step doubles every pause. */
  pressure: number
}

/**
 * How long text is gathered before the next flush, in milliseconds. The first flush waits for nothing; later ones wait longer with more
 * viewers, and while the account's posts meet answers of 429.
 */
export function flushWindow({ flushes, viewers, pressure }: SenderLoad & { flushes: number }): number {
  if (flushes === 0) return 0
  if (viewers === 0) return WINDOW_MS
  const pause = flushes === 1 ? SECOND_MS : WINDOW_MS
  return Math.round(Math.min(LONGEST_MS, pause * (1 + (viewers - 1) / CROWD) * 2 ** pressure))
}
