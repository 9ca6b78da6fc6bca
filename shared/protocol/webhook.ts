import * as z from 'zod'
import { agentIdSchema, executionIdSchema, timestampSchema } from './identifiers.ts'
import { eventPatternSchema, LIFECYCLE_EVENT_TYPES } from './lifecycle-event.ts'
import { errorCodeSchema } from './problem.ts'

/** Most subscriptions of a tenant: each event of the tenant is compared with all of them. */
export const MAX_WEBHOOKS = 20

const webhookIdSchema = z.uuid()
/** Path of one webhook. */
export const webhookParamsSchema = z.object({ webhookId: webhookIdSchema })

/** Body of `POST /v1/webhooks`. */
export const createWebhookSchema = z.strictObject({
  /** Gets a signed POST for each event. `https:`, and `http:` on the local cloud. */
  url: z.url({ protocol: /^https?$/ }).max(2_048),
  events: z.array(eventPatternSchema).min(1).max(LIFECYCLE_EVENT_TYPES.length),
  /** Events of this agent alone. */
  agentId: agentIdSchema.optional(),
})

export const webhookSchema = z.object({
  webhookId: webhookIdSchema,
  ...createWebhookSchema.shape,
  /** `disabled`: its address answered 410, gone; it gets nothing any more. */
  status: z.enum(['active', 'disabled']),
  createdAt: timestampSchema,
})

export const webhookListSchema = z.object({ webhooks: z.array(webhookSchema) })

/** Answer of `GET /v1/webhooks/signing-key`. */
export const signingKeySchema = z.object({
  /** `whsec_` and base64, as libraries for Standard Webhooks take it. */
  key: z.string(),
})

const attemptSchema = z.object({
  attempt: z.int().positive(),
  time: timestampSchema,
  durationMs: z.int().nonnegative(),
  /** What the address answered. */
  statusCode: z.int().optional(),
  /** Why there is no answer, or why it does not count. */
  error: errorCodeSchema.optional(),
})

/** What became of one callback, or of one event for one webhook. */
export const deliverySchema = z.object({
  /** The header `webhook-id`, the same in every attempt. */
  deliveryId: z.uuid(),
  /** What was told: `execution.completed`, `agent.started`, …. */
  type: z.string(),
  executionId: executionIdSchema.optional(),
  webhookId: webhookIdSchema.optional(),
  /** `failed`: given up. */
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.array(attemptSchema),
  /** When the fact came about. */
  time: timestampSchema,
})

/** Page of `GET /v1/webhooks/{webhookId}/deliveries` and `GET /v1/executions/{executionId}/callbacks`, the newest first. */
export const deliveryListSchema = z.object({
  deliveries: z.array(deliverySchema),
  /** Cursor of the next page; absent on the last one. */
  next: z.string().optional(),
})

export type CreateWebhook = z.infer<typeof createWebhookSchema>
export type Webhook = z.infer<typeof webhookSchema>
export type DeliveryView = z.infer<typeof deliverySchema>
export type DeliveryAttempt = z.infer<typeof attemptSchema>
export type DeliveryList = z.infer<typeof deliveryListSchema>
