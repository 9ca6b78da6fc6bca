import { rankByWords } from '#shared/platform/rank-by-words.ts'
import type { Turn } from './conversation-store.ts'

/** Turns that share words with a question, the best match first; of equal ones the one that comes first in `turns`. */
export const rankTurns = <Found extends Turn>(turns: readonly Found[], query: string, limit: number): Found[] =>
  rankByWords(turns, query, { content: ({ content }) => content }, { limit })
