import * as z from 'zod'

const quota = z.object({
  /** Most that there may be. */
  limit: z.int(),
  /** What there is, a few seconds old. */
  used: z.int(),
})

/** What applies to a caller, and what is left. Times are seconds. */
export const tenantLimitsSchema = z.object({
  /** Requests: the caller's own, and those of the tenant as a whole. Both must have one left. */
  rates: z.array(
    z.object({
      policy: z.enum(['principal', 'tenant']),
      limit: z.int(),
      window: z.int(),
      remaining: z.int(),
      /** Until the next request is allowed where none is left, and until all are there again where some are. */
      resetAfter: z.int(),
    }),
  ),
  quotas: z.object({
    agents: quota.pick({ limit: true }),
    sockets: quota,
    /** Of the day in UTC; `resetAfter` is its end. */
    executionsPerDay: quota.extend({ resetAfter: z.int() }),
  }),
  sizes: z.object({
    /** Bytes of UTF-8. */
    requestBytes: z.int(),
    /** Bytes of messages and inputs, which travel by reference beyond {@link requestBytes}. */
    referencedBytes: z.int(),
    frameBytes: z.int(),
    /** Levels of nesting, and objects and lists, in one JSON text. */
    jsonDepth: z.int(),
    jsonContainers: z.int(),
    queryCharacters: z.int(),
  }),
})
