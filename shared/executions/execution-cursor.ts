import { ValidationError } from '#shared/platform/errors.ts'
import { executionIdSchema, timestampSchema } from '#shared/protocol/identifiers.ts'

/** Place of an execution in the list of its agent. Sorts by time of creation, then by id. */
export const listPlace = ({ createdAt, executionId }: { createdAt: string; executionId: string }): string =>
  `${createdAt}#${executionId}`

/** Cursor of a list: the last place of the page, and nothing else. Tenant and agent come from the request every time. */
export const encodeExecutionCursor = (place: string): string => Buffer.from(place).toString('base64url')

/** @throws ValidationError when {@link encodeExecutionCursor} did not write it */
export function decodeExecutionCursor(cursor: string): { place: string; executionId: string } {
  const place = Buffer.from(cursor, 'base64url').toString()
  const [createdAt, executionId = '', ...rest] = place.split('#')
  const ours =
    rest.length === 0 &&
    timestampSchema.safeParse(createdAt).success &&
    executionIdSchema.safeParse(executionId).success &&
    encodeExecutionCursor(place) === cursor
  if (ours) return { place, executionId }
  throw new ValidationError('the cursor is not valid: pass the "next" of the page before', [
    { path: 'after', message: 'is not a cursor' },
  ])
}
