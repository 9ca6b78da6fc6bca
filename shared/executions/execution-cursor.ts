import { decodeCursor } from '#shared/platform/cursor.ts'
import { executionIdSchema, timestampSchema } from '#shared/protocol/identifiers.ts'

/** Before and behind all places: they begin with a digit. */
const FIRST = '0'
const BEHIND_ALL = ':'

/**
 * The last place of a page. Tenant and filters come from the request every time, so in another list it is a point in time like any other.
 *
 * @throws ValidationError for a cursor that is none
 */
const decodePlace = (cursor: string): string => decodeCursor(cursor, isPlace)

function isPlace(text: string): boolean {
  const [createdAt, executionId, ...rest] = text.split('#')
  return rest.length === 0 && timestampSchema.safeParse(createdAt).success && executionIdSchema.safeParse(executionId).success
}

/**
 * The places that a page may show: from `low` on, and before `high`.
 *
 * @param span.from - RFC 3339, as `to`: executions made then belong to the span, those made at `to` do not
 * @param span.after - cursor; only what is older follows
 * @throws ValidationError for a cursor that is none
 */
export function placesBetween({
  from,
  to,
  after,
}: {
  from?: string | undefined
  to?: string | undefined
  after?: string | undefined
}) {
  const ends = [to === undefined ? BEHIND_ALL : normal(to), after === undefined ? BEHIND_ALL : decodePlace(after)]
  const [high = BEHIND_ALL] = ends.sort()
  return { low: from === undefined ? FIRST : normal(from), high }
}

/** Times of creation are in UTC with milliseconds. */
const normal = (time: string): string => new Date(time).toISOString()
