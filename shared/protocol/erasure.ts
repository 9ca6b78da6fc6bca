import * as z from 'zod'
import { tenantSchema, timestampSchema } from './identifiers.ts'

/** `stopping`: agents stop, running work ends, connections close. `erasing`: pass by pass, until one finds nothing. */
export const ERASURE_STATUSES = ['stopping', 'erasing', 'erased', 'failed'] as const

/** How many things, by place: `registry`, `executions`, `streams` and `audit` are tables. */
const countsSchema = z.record(z.string(), z.int().nonnegative())

/** Body of `POST /v1/tenant/erasure`. */
export const requestErasureSchema = z.strictObject({
  /** The name of the caller's own tenant, so that nobody erases one by accident. */
  confirm: tenantSchema,
})

/** Answer of `GET /v1/tenant/erasures/{erasureId}`. */
export const erasureSchema = z.object({
  erasureId: z.uuid(),
  tenant: tenantSchema,
  status: z.enum(ERASURE_STATUSES),
  /** Subject of whoever asked for it. */
  requestedBy: z.string(),
  requestedAt: timestampSchema,
  /** Since when the tenant is closed. */
  closedAt: timestampSchema.optional(),
  endedAt: timestampSchema.optional(),
  /** Passes over everything so far, with the one that goes on. */
  passes: z.int().nonnegative(),
  /** What was erased so far. */
  erased: countsSchema,
  /** The last pass, which looked at everything and found nothing of the tenant. */
  proof: z
    .object({
      startedAt: timestampSchema,
      endedAt: timestampSchema,
      /** Items, objects and messages that it looked at, whosever they are. */
      looked: countsSchema,
      found: countsSchema,
    })
    .optional(),
  /** Why it failed. */
  detail: z.string().optional(),
})

/** Answer of `POST /v1/tenant/erasure`. */
export const erasureAcceptedSchema = z.object({
  erasureId: z.uuid(),
  status: z.enum(ERASURE_STATUSES),
  links: z.object({ self: z.string() }),
})

export type ErasureView = z.infer<typeof erasureSchema>
export type ErasureCounts = z.infer<typeof countsSchema>
export type RequestedErasure = z.infer<typeof erasureAcceptedSchema>
