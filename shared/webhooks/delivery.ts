import * as z from 'zod'
import { parse, parseJson } from '#shared/platform/parse.ts'
import { executionIdSchema, tenantSchema, timestampSchema } from '#shared/protocol/identifiers.ts'
import { lifecycleEventSchema } from '#shared/protocol/lifecycle-event.ts'

const commonSchema = z.object({
  tenant: tenantSchema,
  /** Follows from what is told and to whom: a fact that is told twice has one id, and so one log entry. The receiver sees it as `webhook-id`. */
  deliveryId: z.uuid(),
  /** Event type. */
  type: z.string(),
  /** When the fact came about. */
  time: timestampSchema,
  /** From 1. */
  attempt: z.int().positive(),
  /** Nobody calls before, in milliseconds since the epoch: pauses may be longer than a queue can delay a message. */
  notBefore: z.number().optional(),
})

/** The body is the execution itself, which is read when it is posted: it may be larger than a message. */
const callbackSchema = commonSchema.extend({ kind: z.literal('callback'), executionId: executionIdSchema })
const webhookSchema = commonSchema.extend({ kind: z.literal('webhook'), webhookId: z.uuid(), event: lifecycleEventSchema })

const deliverySchema = z.discriminatedUnion('kind', [callbackSchema, webhookSchema])

export type CallbackDelivery = z.infer<typeof callbackSchema>
export type WebhookDelivery = z.infer<typeof webhookSchema>
/** One fact for one address outside. */
export type Delivery = z.infer<typeof deliverySchema>

/**
 * A delivery from the body of its message.
 *
 * @throws ValidationError when it is something else, now and for ever
 */
export const parseDelivery = (body: string): Delivery => parse(deliverySchema, parseJson(body, 'delivery'), 'delivery')

/** Whose delivery it is: the callback of an execution, or an event of a webhook. */
export type DeliveryTarget = { executionId: string } | { webhookId: string }

export const targetOf = (delivery: Delivery): DeliveryTarget =>
  delivery.kind === 'callback' ? { executionId: delivery.executionId } : { webhookId: delivery.webhookId }
