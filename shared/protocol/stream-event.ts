import * as z from 'zod'
import { envelopeSchema } from './envelope.ts'
import { lifecycleEventSchema } from './lifecycle-event.ts'
import { failureSchema } from './problem.ts'

const tokens = z.int().nonnegative()

const figures = {
  inputTokens: tokens,
  outputTokens: tokens,
  /** Part of the input that the provider had in its own cache, and of the output that was thinking, where it says so. */
  cachedInputTokens: tokens.optional(),
  reasoningTokens: tokens.optional(),
  /** Millionths of a dollar at the catalogue's prices; absent where a price is unknown. */
  costMicroUsd: tokens.optional(),
}

/** Tokens of one model call or the sum of an execution. */
export const usageSchema = z.object({
  ...figures,
  /** By model, in the order in which they were first asked: who spoke. */
  models: z.array(z.object({ provider: z.string(), model: z.string(), calls: z.int().positive(), ...figures })).optional(),
})

/** A terminal event proves completeness: `events` counts the whole stream, this event included; `sha256` is the hex digest of the kept text in UTF-8. */
const proof = { events: z.int().positive(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }

const failure = failureSchema.shape

const bodies = [
  z.object({ type: z.literal('started'), data: z.object({ provider: z.string(), model: z.string() }) }),
  z.object({
    type: z.literal('retrying'),
    data: z.object({
      ...failure,
      /** Attempt that begins now. */
      attempt: z.int().min(2),
      /** Cursor of what stays valid: a client drops the text of every earlier event whose sequence is greater. */
      resumeFrom: z.int().min(-1),
      /** Pause before the attempt, in milliseconds. */
      delayMs: z.int().nonnegative(),
    }),
  }),
  z.object({
    type: z.literal('thinking'),
    data: z.object({
      text: z.string(),
      /** What is being done, in a word or two, and how much of it is done, in percent. `warning`: something was not done as it was asked. */
      status: z.string().optional(),
      progress: z.number().min(0).max(100).optional(),
    }),
  }),
  z.object({ type: z.literal('content_chunk'), data: z.object({ text: z.string() }) }),
  z.object({
    type: z.literal('tool_call'),
    data: z.object({
      callId: z.string(),
      toolName: z.string(),
      arguments: z.json(),
      /** Set when a person decides on it first; the execution is `waiting_input` until then. */
      approval: z.object({ approvalId: z.string(), expiresAt: z.string() }).optional(),
    }),
  }),
  z.object({
    type: z.literal('tool_result'),
    data: z.object({
      callId: z.string(),
      toolName: z.string(),
      result: z.json(),
      /** Set when the call failed or was denied; `result` says why. */
      isError: z.boolean().optional(),
    }),
  }),
  z.object({ type: z.literal('usage'), data: usageSchema }),
  z.object({ type: z.literal('completed'), data: z.object({ stopReason: z.string(), ...proof }) }),
  z.object({ type: z.literal('failed'), data: z.object({ ...failure, ...proof }) }),
  z.object({ type: z.literal('timed_out'), data: z.object({ ...failure, ...proof }) }),
  z.object({ type: z.literal('cancelled'), data: z.object({ ...failure, ...proof }) }),
] as const

export const streamEventBodySchema = z.discriminatedUnion('type', bodies)

const position = { sequence: z.int().nonnegative(), time: z.string() }

/** Event of one execution. `sequence` counts from 0 without a gap. */
export const executionEventSchema = z.intersection(
  streamEventBodySchema,
  z.object({
    executionId: z.string(),
    agentId: z.string(),
    attempt: z.int().positive(),
    ...position,
    /**
     * Set on packed events, which only clients get that asked for them: the event stands for all events from this sequence to its own.
     * Their texts are joined; what a later attempt took back is left out.
     */
    from: z.int().nonnegative().optional(),
  }),
)

/**
 * Event of a topic: one message as it was accepted. When it is too large for a frame, its `data` is null, and `dataref` (an extension of
 * CloudEvents) is the path under the front door where the whole event can be read.
 */
export const topicEventSchema = z.object({
  type: z.literal('message'),
  ...position,
  data: envelopeSchema.extend({ dataref: z.string().optional() }),
})

/** Event of the channels `all` and `agent:<id>`: one fact. */
export const factEventSchema = z.object({ type: z.literal('lifecycle'), ...position, data: lifecycleEventSchema })

export const streamEventSchema = z.union([topicEventSchema, factEventSchema, executionEventSchema])

export type Usage = z.infer<typeof usageSchema>
/** What happened, before it has a place in a stream. */
export type StreamEventBody = z.infer<typeof streamEventBodySchema>
export type ExecutionEvent = z.infer<typeof executionEventSchema>
export type TopicEvent = z.infer<typeof topicEventSchema>
export type FactEvent = z.infer<typeof factEventSchema>
export type StreamEvent = ExecutionEvent | TopicEvent | FactEvent
