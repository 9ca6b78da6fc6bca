import type { ExecutionRecord } from './execution-record.ts'

/** Shortest useful pauses before a caller asks again, in seconds. */
const RUNS = 1
const WAITS = 5
/** Longest pause that a caller is asked for. */
const LONGEST = 60

/**
 * When whoever asks for the end of an execution may ask again, in seconds from now: soon while it runs or is about to, later while it
 * waits for its agent, and not before its next attempt.
 */
export function secondsToNextLook({ place, retryAt = 0 }: Pick<ExecutionRecord, 'place' | 'retryAt'>, now: number): number {
  const toNextAttempt = Math.ceil((retryAt - now) / 1_000)
  return Math.min(LONGEST, Math.max(toNextAttempt, place === undefined ? RUNS : WAITS))
}
