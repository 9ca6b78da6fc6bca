import { UsageError } from './errors.ts'

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const
type Unit = keyof typeof SECONDS

const DURATION = /^(\d+[smhd])+$/
const PART = /(\d+)([smhd])/g

/** Longest duration that is taken: ten years. What is longer is a slip of the finger. */
const MAX_SECONDS = 3_650 * SECONDS.d

/**
 * Seconds of a duration such as `90s`, `15m`, `1h30m` or `7d`.
 *
 * @param option - whose value it is, for the message: `--expires-in`
 * @throws UsageError when it is none, or zero
 */
export function parseDuration(text: string, option: string): number {
  const parts = DURATION.test(text) ? [...text.matchAll(PART)] : []
  const seconds = parts.reduce((sum, [, count, unit]) => sum + Number(count) * SECONDS[unit as Unit], 0)
  if (seconds >= 1 && seconds <= MAX_SECONDS) return seconds
  throw new UsageError(
    `${option} "${text}" is not a duration`,
    'use a number with s, m, h or d, for instance 90s, 15m, 1h30m or 7d',
  )
}

/**
 * The time so long ago, RFC 3339.
 *
 * @throws UsageError as {@link parseDuration}
 */
export const timeAgo = (duration: string, option: string): string =>
  new Date(Date.now() - parseDuration(duration, option) * 1_000).toISOString()
