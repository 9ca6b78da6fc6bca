import { topicSchema } from '#shared/protocol/identifiers.ts'
import { decodeCursor } from './cursor.ts'

/** Ids of agents and names of topics are of the same form. */
const idSchema = topicSchema

/**
 * The last id of a page of a list that is sorted by id.
 *
 * @throws ValidationError for a cursor that is none
 */
export const decodeIdCursor = (cursor: string): string => decodeCursor(cursor, (text) => idSchema.safeParse(text).success)
