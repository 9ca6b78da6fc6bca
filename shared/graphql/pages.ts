import * as z from 'zod'

const limit = (max: number) => z.int().min(1).max(max)

/** Arguments of a list; sizes are those of the REST API. */
export const listArgs = z.strictObject({ limit: limit(100), after: z.string().optional() })

/** Arguments of a page of a stream: the last sequence that the caller has, -1 for none. */
export const streamArgs = (max: number) => z.strictObject({ after: z.int().min(-1), limit: limit(max) })
