import * as z from 'zod'
import { agentIdSchema, executionIdSchema, messageIdSchema, timestampSchema, topicSchema } from './identifiers.ts'
import { isDeeperThan, MAX_DATA_DEPTH } from './json-depth.ts'
import { problemSchema } from './problem.ts'

/** Any JSON that is not nested too deep. */
export const dataSchema = z
  .json()
  .refine((data) => !isDeeperThan(data, MAX_DATA_DEPTH), `nested deeper than ${MAX_DATA_DEPTH} levels`)

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
  /** Seconds from {@link time} after which nobody may begin with it any more. */
  ttlSeconds: z.int().positive().max(1_209_600).optional(),
  /** Execution that sent it, the first one of the chain, and how many stand before it; set by the runtime, never by a caller. */
  parentId: executionIdSchema.optional(),
  rootId: executionIdSchema.optional(),
  depth: z.int().nonnegative().optional(),
  /** Where `data` is when it was too large to travel: an object of the artifacts bucket. Set by the runtime. */
  dataref: z.string().max(1_024).optional(),
  traceparent: z.string().max(128).optional(),
  data: dataSchema,
})

export type Envelope = z.infer<typeof envelopeSchema>

/** What no caller may say of a message. */
const SET_BY_US = { parentId: true, rootId: true, depth: true, dataref: true } as const

/**
 * Body of `POST /v1/topics/{topic}/messages` and `POST /v1/agents/{agentId}/messages`: whom it is for is in the path, and what the sender
 * leaves out is filled in.
 */
export const publishMessageSchema = z.strictObject({
  ...envelopeSchema.omit({ ...SET_BY_US, specversion: true, topic: true, to: true }).partial().shape,
  specversion: z.literal('1.0').optional(),
  data: dataSchema,
})

/** Body of `POST /v1/topics/{topic}/messages/batch`. */
export const publishBatchSchema = z.strictObject({ messages: z.array(z.unknown()).min(1).max(100) })

/** What became of each message of a batch, in their order. */
export const batchResultSchema = z.object({
  results: z.array(
    z.union([
      z.object({ messageId: messageIdSchema }),
      z.object({ error: problemSchema.pick({ code: true, detail: true, errors: true }) }),
    ]),
  ),
})

export type BatchResult = z.infer<typeof batchResultSchema>
export type PublishMessage = z.infer<typeof publishMessageSchema>
