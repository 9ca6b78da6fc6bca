import type { Turn } from './conversation-store.ts'

/** The turns that the model is shown word for word, and those that no longer fit; oldest first. */
export type TurnWindow = { shown: Turn[]; fallen: Turn[] }

/**
 * Splits turns into those that fit and those that do not. If all fit, all are shown; otherwise only as many as fill half of the room, so that older
 * turns need not be summarised again with every new turn.
 *
 * @param turns - oldest first
 * @param tokensOf - estimates the tokens of a text
 */
export function turnWindow(turns: readonly Turn[], windowTokens: number, tokensOf: (text: string) => number): TurnWindow {
  const sizes = turns.map(({ content }) => tokensOf(content))
  const fits = sizes.reduce((sum, size) => sum + size, 0) <= windowTokens
  const from = fits ? 0 : firstThatFits(sizes, windowTokens / 2)
  // Do not start with an answer whose question has been cut off.
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
