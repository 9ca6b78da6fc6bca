import MiniSearch from 'minisearch'
import type { Turn } from './conversation-store.ts'

/** Turns that share words with a question, the best match first: by BM25, beginnings of words and slips of the pen included. */
export function rankTurns<Found extends Turn>(turns: readonly Found[], query: string, limit: number): Found[] {
  const index = new MiniSearch<{ id: number; content: string }>({ fields: ['content'] })
  index.addAll(turns.map(({ content }, id) => ({ id, content })))
  const found = index.search(query, { prefix: true, fuzzy: 0.2 })
  return found.slice(0, limit).flatMap(({ id }) => turns[Number(id)] ?? [])
}
