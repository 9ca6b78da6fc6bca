import * as z from 'zod'

/** Most characters that one part of a pattern may take. */
const MAX_REPETITION = 128

/**
 * Most ways in which a pattern may fit at one place of a text. A regular expression tries all of them before it gives up, and whoever writes what is logged
 * chooses the text: twenty parts that may be missing are a million ways.
 */
const MAX_WAYS = 10_000

/** A part that is repeated: every one has a bound, and none is a group. */
const REPETITION = /(?<!\\)(?:\\\\)*(?:[*+]|\{\d*,?\d*\})/g
/** What makes ways: a part with two counts, one that may be missing, and words to choose from; a class of characters is one part. */
const CHOICES = /\\.|\[(?:\\.|[^\]])*\]|\{(?<least>\d+),(?<most>\d+)\}|(?<either>[?|])/gs

function isSafe(pattern: string): boolean {
  // No look-around, no named groups, no references back, no group that is repeated.
  if (/\(\?(?!:)|\\[1-9k]|\)(?:[*+?]|\{)/.test(pattern)) return false
  const isBound = (found: string) => {
    const [, most] = /\{(?:\d+,)?(\d+)\}$/.exec(found) ?? []
    return most !== undefined && Number(most) <= MAX_REPETITION
  }
  if (!(pattern.match(REPETITION) ?? []).every(isBound)) return false
  if (waysOf(pattern) > MAX_WAYS) return false
  try {
    return !new RegExp(pattern, 'u').test('')
  } catch {
    return false
  }
}

/** An upper limit: choices multiply, and a `?` behind a count, which only says in which order, counts too. */
function waysOf(pattern: string): number {
  return [...pattern.replaceAll('(?:', '').matchAll(CHOICES)].reduce((ways, { groups }) => {
    if (groups?.either !== undefined) return ways * 2
    return groups?.most === undefined ? ways : ways * (Number(groups.most) - Number(groups.least) + 1)
  }, 1)
}

/** A regular expression for what must not stand in logs: `\b\d{3}-\d{2}-\d{4}\b`. */
export const redactPatternSchema = z
  .string()
  .min(3)
  .max(200)
  .refine(
    isSafe,
    `use a regular expression whose repetitions all have a bound, {1,${MAX_REPETITION}} at most, without look-around and repeated groups, and with few choices`,
  )

export const redactPatternsSchema = z.array(redactPatternSchema).max(20)
