import * as z from 'zod'
import { agentIdSchema, executionIdSchema, messageIdSchema, timestampSchema, topicSchema } from './identifiers.ts'

/** Largest number of dead letters in a list, and of ids in a request. */
export const MAX_DEAD_LETTERS = 100

/** Code of a dead letter that nobody refused: its queue gave up after it was delivered a few times in vain. */
export const GAVE_UP = 'gave_up'

/** `ingress`, `work`, or `agent-<id>` for the queue of an agent that was deployed as code. */
export const deadLetterQueueSchema = z
  .string()
  .regex(/^(ingress|work|agent-[A-Za-z0-9][A-Za-z0-9_.-]{0,127})$/, 'use "ingress", "work" or "agent-<id>"')

/** A message that could not be handled. */
export const deadLetterSchema = z.object({
  queue: deadLetterQueueSchema,
  /** Names it within its queue, as long as it stays there. */
  id: z.string(),
  /** The error's code, or `gave_up`. */
  code: z.string(),
  detail: z.string(),
  /** The id that it had first: it keeps it when it is sent back. */
  messageId: messageIdSchema,
  topic: topicSchema.optional(),
  agentId: agentIdSchema.optional(),
  executionId: executionIdSchema.optional(),
  /** When it was sent to the queue where it failed, or refused there. */
  time: timestampSchema,
  /** How often it was taken from the dead-letter queue, by looks as well. */
  receiveCount: z.int().nonnegative(),
  /** The message as it came; in a list its beginning. */
  body: z.string(),
  /** Set where `body` is not all of it. */
  truncated: z.boolean().optional(),
})

/** Which dead letters; those that all fields fit. */
export const deadLetterFilterSchema = z.strictObject({
  code: z.string().min(1).max(128).optional(),
  topic: topicSchema.optional(),
  agentId: agentIdSchema.optional(),
  /** Sent before this time. */
  olderThan: timestampSchema.optional(),
})

/** Answer of `GET /v1/dead-letters`, the oldest first. */
export const deadLetterListSchema = z.object({
  deadLetters: z.array(deadLetterSchema),
  /** There are others, or the time was up before all were looked at. */
  more: z.boolean(),
})

/**
 * Body of `POST /v1/dead-letters/redrive` and `…/discard`. Either ids or a filter; an empty filter means all of them.
 */
export const selectDeadLettersSchema = z
  .strictObject({
    /** All queues when absent. */
    queue: deadLetterQueueSchema.optional(),
    ids: z.array(z.string().min(1).max(128)).min(1).max(MAX_DEAD_LETTERS).optional(),
    filter: deadLetterFilterSchema.optional(),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), 'say either "ids" or "filter"; {} is all of them')

const outcomeShape = {
  /** Those that could not be moved now; they are where they were. */
  failed: z.int().nonnegative(),
  /** The time was up before all were looked at: ask again. */
  more: z.boolean(),
}
export const redrivenSchema = z.object({ redriven: z.int().nonnegative(), ...outcomeShape })
export const discardedSchema = z.object({ discarded: z.int().nonnegative(), ...outcomeShape })

export type DeadLetter = z.infer<typeof deadLetterSchema>
export type DeadLetterFilter = z.infer<typeof deadLetterFilterSchema>
export type DeadLetterList = z.infer<typeof deadLetterListSchema>
export type SelectDeadLetters = z.infer<typeof selectDeadLettersSchema>
