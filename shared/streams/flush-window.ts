/** Shortest pause between two flushes, in milliseconds. */
const SHORTEST_MS = 50
/** Longest one; also what a stream without viewers uses. */
export const LONGEST_MS = 250
/** Growth a flush: 50 ms become 250 ms in about 80 flushes, or 10 s. */
const GROWTH = 1.02
/** A callback budget is shared: with this many viewers the window doubles. */
const CROWD = 50

/**
 * How long text is gathered before the next flush, in milliseconds. The first flush waits for nothing; later ones wait longer the
 * longer the answer is, the more viewers it has, and after answers of 429.
 */
export function flushWindow(state: { flushes: number; viewers: number; throttles: number }): number {
  if (state.flushes === 0) return 0
  if (state.viewers === 0) return LONGEST_MS
  const byLength = SHORTEST_MS * GROWTH ** state.flushes
  const byViewers = 1 + state.viewers / CROWD
  const byThrottling = 2 ** Math.min(state.throttles, 3)
  return Math.round(Math.min(LONGEST_MS, byLength * byViewers * byThrottling))
}
