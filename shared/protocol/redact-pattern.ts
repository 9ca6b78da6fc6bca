import * as z from 'zod'

/** Most characters that one part of a pattern may take. */
const MAX_REPETITION = 128

/** A part that is repeated: every one has a bound, and none is a group. So a text costs a little more than its length, whoever wrote it. */
const REPETITION = /(?<!\\)(?:\\\\)*(?:[*+]|\{\d*,?\d*\})/g

function isSafe(pattern: string): boolean {
  // No look-around, no named groups, no references back, no group that is repeated.
  if (/\(\?(?!:)|\\[1-9k]|\)(?:[*+?]|\{)/.test(pattern)) return false
  const isBound = (found: string) => {
    const [, most] = /\{(?:\d+,)?(\d+)\}$/.exec(found) ?? []
    return most !== undefined && Number(most) <= MAX_REPETITION
  }
  if (!(pattern.match(REPETITION) ?? []).every(isBound)) return false
  try {
    return !new RegExp(pattern, 'u').test('')
  } catch {
    return false
  }
}

/** A regular expression for what must not stand in logs: `\b\d{3}-\d{2}-\d{4}\b`. */
export const redactPatternSchema = z
  .string()
  .min(3)
  .max(200)
  .refine(
    isSafe,
    `use a regular expression whose repetitions all have a bound, {1,${MAX_REPETITION}} at most, without look-around and repeated groups`,
  )

export const redactPatternsSchema = z.array(redactPatternSchema).max(20)
