import MiniSearch from 'minisearch'
import type { Note } from './note-store.ts'

/** Notes that share words with a question, the best match first: by BM25 over text and tags, beginnings of words and slips of the pen included. */
export function rankNotes(notes: readonly Note[], query: string, limit: number): Note[] {
  const index = new MiniSearch<Note>({
    fields: ['text', 'tags'],
    idField: 'noteId',
    extractField: (note, field) => (field === 'tags' ? note.tags.join(' ') : String(note[field as 'text' | 'noteId'])),
  })
  index.addAll(notes)
  const byId = new Map(notes.map((note) => [note.noteId, note]))
  const found = index.search(query, { prefix: true, fuzzy: 0.2, boost: { tags: 2 } })
  return found.slice(0, limit).flatMap(({ id }) => byId.get(id) ?? [])
}
