/** Attempts of one delivery: about an hour of them. */
export const MAX_ATTEMPTS = 8

const FIRST_PAUSE_SECONDS = 5
const GROWTH = 6
/** Longest pause of the schedule: then, how often an address is asked matters less than how soon it is noticed to be back. */
const LONGEST_PAUSE_SECONDS = 900
/** Longest pause that an address can ask for: a day later nobody would know what for. */
const LONGEST_ASKED_SECONDS = 3_600
/** How much of a pause is random, so that what failed together does not come back together. */
const JITTER = 0.2

/**
 * Pause before the next attempt, in whole seconds: 5 s, 30 s, 3 min, then 15 min each, less up to a fifth.
 *
 * @param attempt - the one that failed, from 1
 * @param asked - what the answer asked for in `Retry-After`, in seconds; it is never undercut
 */
export function pauseAfter(attempt: number, asked = 0, random: () => number = Math.random): number {
  const scheduled = Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * GROWTH ** (attempt - 1))
  return Math.ceil(Math.max(scheduled * (1 - JITTER * random()), Math.min(asked, LONGEST_ASKED_SECONDS)))
}
