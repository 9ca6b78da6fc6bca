import { decodeCursor } from '#shared/platform/cursor.ts'
import { timestampSchema } from '#shared/protocol/identifiers.ts'

/** Longest place of a turn or a conversation: a time, an id and a number. */
const MAX_LENGTH = 256

/**
 * The last place of a page of turns or conversations.
 *
 * @throws ValidationError for an invalid cursor
 */
export const decodePlace = (cursor: string): string => decodeCursor(cursor, isPlace)

function isPlace(text: string): boolean {
  const [time, ...rest] = text.split('#')
  return rest.length > 0 && text.length <= MAX_LENGTH && timestampSchema.safeParse(time).success
}
