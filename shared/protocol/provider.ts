import * as z from 'zod'
import { timestampSchema } from './identifiers.ts'
import { LLM_PROVIDERS } from './llm.ts'
import { secretSchema } from './secret.ts'

const count = z.int().nonnegative()
/** Milliseconds until the first token; absent where nothing was answered. */
const firstToken = { p50Ms: z.number().nonnegative().optional(), p90Ms: z.number().nonnegative().optional() }
const calls = { calls: count, errors: count, ...firstToken }

/** One of a provider's keys. Nothing of the key itself stands here. */
export const providerKeySchema = z.object({
  /** Tells keys apart; nothing follows from it. */
  fingerprint: z.string(),
  /** Until then it is left alone. */
  cooldownUntil: timestampSchema.optional(),
  reason: z.enum(['rate_limit', 'authentication_error']).optional(),
  /** Exact to a quarter of an hour. */
  lastUsedAt: timestampSchema.optional(),
  requestsPerMinute: z.number().positive().optional(),
})

/** A provider with one set of keys, as the tenant sees it. */
export const providerSchema = z.object({
  provider: z.enum(LLM_PROVIDERS),
  service: z.string(),
  /** Absent where none is needed. */
  secret: secretSchema.pick({ name: true, status: true }).optional(),
  keys: z.array(providerKeySchema),
  /** Of the model that does worst: each has one of its own. */
  breaker: z.object({
    state: z.enum(['closed', 'open', 'half_open']),
    /** One after the other. */
    failures: count,
    /** Which model it is; absent while none fails. */
    model: z.string().optional(),
    openUntil: timestampSchema.optional(),
  }),
  /** The last 24 hours; hours without a call are left out. */
  latency: z.object({ ...calls, hours: z.array(z.object({ time: timestampSchema, ...calls })) }),
  /** Since midnight, UTC. Without `priced`, the price of no model that was called is known: what was spent is not 0, but unknown. */
  spend: z.object({ todayMicroUsd: count, priced: z.boolean() }),
})

/** Answer of `GET /v1/providers`: those that the tenant's agents name, and those that were called lately. */
export const providerListSchema = z.object({ providers: z.array(providerSchema) })

export type ProviderView = z.infer<typeof providerSchema>
export type ProviderList = z.infer<typeof providerListSchema>
