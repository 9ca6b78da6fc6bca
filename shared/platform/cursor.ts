import { ValidationError } from './errors.ts'

/** Cursor of a list: the place of the last item of the page, and nothing else. Whose list it is comes from the request every time. */
export const encodeCursor = (place: string): string => Buffer.from(place).toString('base64url')

/**
 * The place that a cursor holds.
 *
 * @param isPlace - whether the list can have such a place
 * @throws ValidationError when {@link encodeCursor} did not write it
 */
export function decodeCursor(cursor: string, isPlace: (text: string) => boolean): string {
  const place = Buffer.from(cursor, 'base64url').toString()
  if (isPlace(place) && encodeCursor(place) === cursor) return place
  throw new ValidationError('the cursor is not valid: pass the "next" of the page before', [
    { path: 'after', message: 'is not a cursor' },
  ])
}
