import { topicSchema } from '#shared/protocol/identifiers.ts'
import { ValidationError } from './errors.ts'

/** Ids of agents and names of topics are of the same form. */
const idSchema = topicSchema

/** Cursor of a list that is sorted by id: the last id of the page, and nothing else. The tenant comes from the token every time. */
export const encodeIdCursor = (id: string): string => Buffer.from(id).toString('base64url')

/** @throws ValidationError when {@link encodeIdCursor} did not write it */
export function decodeIdCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString()
  if (idSchema.safeParse(id).success && encodeIdCursor(id) === cursor) return id
  throw new ValidationError('the cursor is not valid: pass the "next" of the page before', [
    { path: 'after', message: 'is not a cursor' },
  ])
}
