import { ValidationError } from '#shared/platform/errors.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'

/** Cursor of a list: the last id of the page, and nothing else. The tenant comes from the token every time. */
export const encodeAgentCursor = (agentId: string): string => Buffer.from(agentId).toString('base64url')

/** @throws ValidationError when {@link encodeAgentCursor} did not write it */
export function decodeAgentCursor(cursor: string): string {
  const agentId = Buffer.from(cursor, 'base64url').toString()
  if (agentIdSchema.safeParse(agentId).success && encodeAgentCursor(agentId) === cursor) return agentId
  throw new ValidationError('the cursor is not valid: pass the "next" of the page before', [
    { path: 'after', message: 'is not a cursor' },
  ])
}
