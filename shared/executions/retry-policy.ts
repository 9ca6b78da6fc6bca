import type { SluiceError } from '#shared/platform/errors.ts'

/** Tries of one execution, take-overs after a crash included. */
export const MAX_ATTEMPTS = 3
const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 30_000

/**
 * The pause before the next attempt, in milliseconds: exponential with full jitter, but never shorter than the provider asks for.
 * Undefined when there is no next attempt.
 */
export function retryDelay(error: SluiceError, attempt: number, random: () => number = Math.random): number | undefined {
  if (!error.retryable || attempt >= MAX_ATTEMPTS) return undefined
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1))
  return Math.round(Math.max(random() * ceiling, (error.retryAfterSeconds ?? 0) * 1_000))
}
