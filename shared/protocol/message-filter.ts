import * as z from 'zod'

const scalarSchema = z.union([z.string().max(256), z.number(), z.boolean(), z.null()])

const comparisonSchema = z.enum(['<', '<=', '=', '>=', '>'])
/** Two comparisons that both hold. */
const rangeSchema = z.tuple([comparisonSchema, z.number(), comparisonSchema, z.number()])

/** One way to match a value, in the words of EventBridge patterns and SNS filter policies. */
const matcherSchema = z.union([
  scalarSchema,
  z.strictObject({ prefix: z.string().min(1).max(256) }),
  z.strictObject({ exists: z.boolean() }),
  z.strictObject({ 'anything-but': z.array(scalarSchema).min(1).max(20) }),
  z.strictObject({ numeric: z.union([z.tuple([comparisonSchema, z.number()]), rangeSchema]) }),
])

/** Most paths of one filter: each is looked for in all of the data. */
const MAX_PATHS = 20

/**
 * Which messages a subscription gets: paths into the envelope (`type`, `source`, `data.severity`) and the values that each may have. Every
 * path must match, by any of its matchers.
 */
export const messageFilterSchema = z
  .record(
    z.string().regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,9}$/, 'use a path such as "type" or "data.severity"'),
    z.array(matcherSchema).min(1).max(20),
  )
  .refine((filter) => Object.keys(filter).length <= MAX_PATHS, `more than ${MAX_PATHS} paths`)

export type MessageFilter = z.infer<typeof messageFilterSchema>
