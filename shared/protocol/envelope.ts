import * as z from 'zod'
import { agentIdSchema, messageIdSchema, timestampSchema, topicSchema } from './identifiers.ts'
import { isDeeperThan, MAX_DATA_DEPTH } from './json-depth.ts'

const dataSchema = z.json().refine((data) => !isDeeperThan(data, MAX_DATA_DEPTH), `nested deeper than ${MAX_DATA_DEPTH} levels`)

/**
 * A message on a topic or to one agent: CloudEvents 1.0 context attributes and ours. `tenant` is not part of it: it comes
 * from the token, or from the IAM-authorised sender of the ingress queue.
 */
export const envelopeSchema = z.object({
  specversion: z.literal('1.0').default('1.0'),
  /** Chosen by the sender; a message with a known id is accepted once. */
  id: messageIdSchema,
  /** What happened, for instance `question` or `com.example.ticket.opened`. */
  type: z.string().min(1).max(128),
  /** Who says so: a URI-reference. */
  source: z.string().min(1).max(512),
  time: timestampSchema,
  datacontenttype: z.string().max(128).optional(),
  dataschema: z.string().max(512).optional(),
  subject: z.string().max(512).optional(),
  /** Name of the topic; either this or {@link to}. */
  topic: topicSchema.optional(),
  /** Id of the one agent that shall get the message. */
  to: agentIdSchema.optional(),
  correlationId: z.string().max(256).optional(),
  replyTo: topicSchema.optional(),
  conversationId: z.string().max(128).optional(),
  /** 1 (low) to 10 (high). */
  priority: z.int().min(1).max(10).optional(),
  ttlSeconds: z.int().positive().optional(),
  traceparent: z.string().max(128).optional(),
  data: dataSchema,
})

export type Envelope = z.infer<typeof envelopeSchema>

/** Body of `POST /v1/topics/{topic}/messages`: the topic is in the path, and what the sender leaves out is filled in. */
export const publishMessageSchema = z.strictObject({
  ...envelopeSchema.omit({ specversion: true, topic: true, to: true }).partial().shape,
  specversion: z.literal('1.0').optional(),
  data: dataSchema,
})

export type PublishMessage = z.infer<typeof publishMessageSchema>
