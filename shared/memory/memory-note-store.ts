import { MAX_NOTES, type Note, type NoteOwner, type NoteStore } from './note-store.ts'
import { pageOfNotes } from './page-of-notes.ts'
import { rankNotes } from './rank-notes.ts'
import { TooManyNotesError } from './too-many-notes-error.ts'

/** Notes of one process, for tests. */
export function memoryNoteStore(): NoteStore {
  const owners = new Map<string, Map<string, Note>>()
  const notesOf = ({ tenant, agentId, source }: NoteOwner): Map<string, Note> => {
    const name = JSON.stringify([tenant, agentId, source])
    const notes = owners.get(name) ?? new Map()
    owners.set(name, notes)
    return notes
  }
  const all = (owner: NoteOwner): Note[] => [...notesOf(owner).values()]

  return {
    async put(owner, note) {
      const notes = notesOf(owner)
      const known = notes.get(note.noteId)
      if (!known && notes.size >= MAX_NOTES) throw new TooManyNotesError()
      notes.set(note.noteId, { ...note, createdAt: known?.createdAt ?? note.createdAt })
    },
    async remove(owner, noteId) {
      notesOf(owner).delete(noteId)
    },
    list: async (owner, page) => pageOfNotes(all(owner), page),
    search: async (owner, query, limit) => rankNotes(all(owner), query, limit),
  }
}
