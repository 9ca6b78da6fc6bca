import * as z from 'zod'
import { agentIdSchema, executionIdSchema, messageIdSchema, timestampSchema, topicSchema } from './identifiers.ts'
import { errorCodeSchema } from './problem.ts'
import { streamEventSchema, topicEventSchema, usageSchema } from './stream-event.ts'

export const EXECUTION_STATUSES = [
  'queued',
  'running',
  'waiting_input',
  'completed',
  'failed',
  'timed_out',
  'cancelled',
  'expired',
] as const

/** Body of `POST /v1/executions`. */
export const createExecutionSchema = z.strictObject({
  agentId: agentIdSchema,
  input: z.looseObject({ content: z.string().min(1) }),
})

const linksSchema = z.object({ self: z.string(), events: z.string(), stream: z.string(), socket: z.string() })

/** 202 answer of `POST /v1/executions`. */
export const executionAcceptedSchema = z.object({
  executionId: executionIdSchema,
  status: z.enum(EXECUTION_STATUSES),
  links: linksSchema,
})

/** One unit of work by one agent, as every door shows it. */
export const executionSchema = z.object({
  executionId: executionIdSchema,
  agentId: agentIdSchema,
  status: z.enum(EXECUTION_STATUSES),
  /** 0 while it is queued, then the number of the try. */
  attempt: z.int().nonnegative(),
  input: z.json(),
  output: z.object({ text: z.string() }).optional(),
  error: z.object({ code: errorCodeSchema, detail: z.string() }).optional(),
  usage: usageSchema.optional(),
  messageId: messageIdSchema.optional(),
  topic: topicSchema.optional(),
  createdAt: timestampSchema,
  startedAt: timestampSchema.optional(),
  endedAt: timestampSchema.optional(),
  links: linksSchema,
})

/** Page of `GET /v1/executions/{id}/events`. */
export const eventPageSchema = z.object({
  events: z.array(streamEventSchema),
  /** Cursor to pass as `after` for the next page. */
  next: z.int().min(-1),
  /** True when the terminal event stands in this page or before it: nothing will follow. */
  complete: z.boolean(),
})

/** Page of `GET /v1/topics/{topic}/events`: a topic never ends. */
export const topicEventPageSchema = eventPageSchema.omit({ complete: true }).extend({ events: z.array(topicEventSchema) })

export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number]
export type Execution = z.infer<typeof executionSchema>
export type CreateExecution = z.infer<typeof createExecutionSchema>
export type ExecutionAccepted = z.infer<typeof executionAcceptedSchema>
export type ExecutionLinks = z.infer<typeof linksSchema>
export type EventPage = z.infer<typeof eventPageSchema>
