import { rankByWords } from '#shared/platform/rank-by-words.ts'
import type { Turn } from './conversation-store.ts'

/** The turns that share words with a query, the best match first; equal matches in the order of `turns`. */
export const rankTurns = <Found extends Turn>(turns: readonly Found[], query: string, limit: number): Found[] =>
  rankByWords(turns, query, { content: ({ content }) => content }, { limit })
