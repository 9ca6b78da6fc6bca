import { ValidationError } from '#shared/platform/errors.ts'
import { timestampSchema } from '#shared/protocol/identifiers.ts'

/** Longest place of a turn or a conversation: a time, an id and a number. */
const MAX_LENGTH = 256

/** Cursor of a list: the last place of the page, and nothing else. Whose list it is comes from the request every time. */
export const encodePlace = (place: string): string => Buffer.from(place).toString('base64url')

/** @throws ValidationError when {@link encodePlace} did not write it */
export function decodePlace(cursor: string): string {
  const place = Buffer.from(cursor, 'base64url').toString()
  const [time, ...rest] = place.split('#')
  const ours =
    rest.length > 0 && place.length <= MAX_LENGTH && timestampSchema.safeParse(time).success && encodePlace(place) === cursor
  if (ours) return place
  throw new ValidationError('the cursor is not valid: pass the "next" of the page before', [
    { path: 'after', message: 'is not a cursor' },
  ])
}
