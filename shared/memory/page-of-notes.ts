import { decodeCursor, encodeCursor } from '#shared/platform/cursor.ts'
import { timestampSchema } from '#shared/protocol/identifiers.ts'
import type { Note, NotePage } from './note-store.ts'

/** Longest place of a note: a time and an id. */
const MAX_LENGTH = 128

const placeOf = ({ createdAt, noteId }: Note): string => `${createdAt}#${noteId}`

function isPlace(text: string): boolean {
  const [time, id, ...rest] = text.split('#')
  return text.length <= MAX_LENGTH && id !== undefined && rest.length === 0 && timestampSchema.safeParse(time).success
}

/**
 * A page of an owner's notes, the newest first.
 *
 * @throws ValidationError for a cursor that is none
 */
export function pageOfNotes(notes: readonly Note[], { limit, after }: NotePage): { notes: Note[]; next?: string } {
  const before = after === undefined ? undefined : decodeCursor(after, isPlace)
  const rest = notes
    .filter((note) => before === undefined || placeOf(note) < before)
    .sort((one, other) => (placeOf(one) < placeOf(other) ? 1 : -1))
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return { notes: page, ...(last && rest.length > limit && { next: encodeCursor(placeOf(last)) }) }
}
