import type { Turn } from './conversation-store.ts'

/** What of a conversation is told to the model as it was said, and what is too long ago for that; the oldest first. */
export type TurnWindow = { shown: Turn[]; fallen: Turn[] }

/**
 * The last turns that fit, whole. Where they do not, half of the room is left free: what has fallen out is summed up, and that should not be
 * needed with every turn.
 *
 * @param turns - the oldest first
 * @param tokensOf - about how many a text has
 */
export function turnWindow(turns: readonly Turn[], windowTokens: number, tokensOf: (text: string) => number): TurnWindow {
  const sizes = turns.map(({ content }) => tokensOf(content))
  const fits = sizes.reduce((sum, size) => sum + size, 0) <= windowTokens
  const from = fits ? 0 : firstThatFits(sizes, windowTokens / 2)
  // An answer without its question says little.
  const start = from > 0 && turns[from]?.role === 'assistant' ? from + 1 : from
  return { shown: turns.slice(start), fallen: turns.slice(0, start) }
}

function firstThatFits(sizes: readonly number[], room: number): number {
  let left = room
  let first = sizes.length
  while (first > 0 && left >= (sizes[first - 1] ?? 0)) {
    first -= 1
    left -= sizes[first] ?? 0
  }
  return first
}
