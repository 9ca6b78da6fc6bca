import { rankByWords } from '#shared/platform/rank-by-words.ts'
import type { Note } from './note-store.ts'

/** Notes that share words with a question in text or tags, the best match first; a tag counts twice. */
export function rankNotes(notes: readonly Note[], query: string, limit: number): Note[] {
  const texts = { text: ({ text }: Note) => text, tags: ({ tags }: Note) => tags.join(' ') }
  return rankByWords(notes, query, texts, { limit, boost: { tags: 2 } })
}
