import * as z from 'zod'
import { capabilitySchema } from './agent.ts'
import { dataSchema } from './envelope.ts'
import { agentIdSchema, executionIdSchema, messageIdSchema, timestampSchema, topicSchema } from './identifiers.ts'
import { llmOverridesSchema } from './llm.ts'
import { failureSchema } from './problem.ts'
import { retryPolicySchema, timeoutSecondsSchema } from './retry-policy.ts'
import { factEventSchema, streamEventSchema, topicEventSchema, usageSchema } from './stream-event.ts'

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

export const prioritySchema = z.int().min(1).max(10)

/** Body of `POST /v1/executions`. */
export const createExecutionSchema = z.strictObject({
  agentId: agentIdSchema,
  input: dataSchema,
  /** What kind of work it is, for agents that know several. */
  type: z.string().min(1).max(128).optional(),
  /** 1 (low) to 10 (high); 5 when absent. */
  priority: prioritySchema.optional(),
  /** Seconds after which nobody may begin with it any more. */
  ttlSeconds: z.int().positive().max(1_209_600).optional(),
  /** Instead of the agent's. */
  timeoutSeconds: timeoutSecondsSchema.optional(),
  /** Over the agent's, field by field. */
  retry: retryPolicySchema.partial().optional(),
  correlationId: z.string().max(256).optional(),
  /** Over the agent's model, field by field. Another provider or model takes the scope `agents:write`. */
  llm: llmOverridesSchema.optional(),
  /** What an agent remembers is kept by it, for each caller. */
  conversationId: z.string().max(128).optional(),
  /** Gets a signed POST when the execution has ended. */
  callbackUrl: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    .optional(),
})

/** Body of `POST /v1/executions`: for one agent, or for whichever knows the type and has the capability. */
export const askExecutionSchema = createExecutionSchema
  .extend({
    agentId: agentIdSchema.optional(),
    /** What the agent must be able to do; for requests that name none. */
    capability: capabilitySchema.optional(),
  })
  .refine(({ agentId, type, capability }) => agentId !== undefined || type !== undefined || capability !== undefined, {
    path: ['agentId'],
    message: 'name an agent, or what any agent must know: a type or a capability',
  })

const linksSchema = z.object({
  self: z.string(),
  events: z.string(),
  stream: z.string(),
  socket: z.string(),
  /** Where the input is when it is too large to be shown here; `input` is null then. */
  input: z.string().optional(),
})

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
  type: z.string().optional(),
  priority: prioritySchema,
  output: z
    .object({
      text: z.string(),
      /** What an agent's own code returned. */
      data: z.json().optional(),
      agent_id: agentIdSchema,
      timestamp: timestampSchema,
    })
    .optional(),
  error: failureSchema.optional(),
  usage: usageSchema.optional(),
  messageId: messageIdSchema.optional(),
  topic: topicSchema.optional(),
  correlationId: z.string().optional(),
  /** The execution that asked for this one, the first of the chain, and how many stand before this one. */
  parentId: executionIdSchema.optional(),
  rootId: executionIdSchema.optional(),
  depth: z.int().nonnegative().optional(),
  /** The execution that this one repeats. */
  retryOf: executionIdSchema.optional(),
  callbackUrl: z.string().optional(),
  /** The batch that it is part of, and its place there, from 0. */
  batchId: z.string().optional(),
  batchIndex: z.int().nonnegative().optional(),
  /** Set while it waits in the agent's mailbox, for its turn in a batch or a conversation, or for agents that it has asked. */
  held: z.boolean().optional(),
  /** Set while it waits in the middle of its work, without a worker. That time does not count to its timeout. */
  waitingSince: timestampSchema.optional(),
  /** What it waits for so. `input`: a person decides. `turn`: its turn in a conversation. `agents`: those that it has asked. */
  waitingFor: z.enum(['input', 'turn', 'agents']).optional(),
  /** Its place in the mailbox, from 1, and how many wait; when asked for with `?position=true`. */
  queue: z.object({ position: z.int().positive(), waiting: z.int().nonnegative() }).optional(),
  /** When the next attempt may begin. */
  retryAt: timestampSchema.optional(),
  expiresAt: timestampSchema.optional(),
  cancelRequestedAt: timestampSchema.optional(),
  createdAt: timestampSchema,
  startedAt: timestampSchema.optional(),
  endedAt: timestampSchema.optional(),
  links: linksSchema,
})

/** Page of `GET /v1/executions`. */
export const executionListSchema = z.object({
  executions: z.array(executionSchema),
  /** Cursor of the next page; absent on the last one. */
  next: z.string().optional(),
})

/** The same where only some fields were asked for. */
export const sparseExecutionListSchema = executionListSchema.extend({ executions: z.array(executionSchema.partial()) })

/** Fields of an execution that a list can be asked for. */
export const EXECUTION_FIELDS = executionSchema.keyof().options

/** 200 answer of `GET /v1/executions/{id}/result`. */
export const executionResultSchema = executionSchema.pick({
  executionId: true,
  status: true,
  output: true,
  error: true,
  usage: true,
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

/** Page of `GET /v1/events`: there is always more to come; `next` stays when there is nothing yet. */
export const factPageSchema = topicEventPageSchema.extend({ events: z.array(factEventSchema) })

export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number]
export type Execution = z.infer<typeof executionSchema>
export type CreateExecution = z.infer<typeof createExecutionSchema>
export type ExecutionAccepted = z.infer<typeof executionAcceptedSchema>
export type ExecutionLinks = z.infer<typeof linksSchema>
export type ExecutionResult = z.infer<typeof executionResultSchema>
export type ExecutionList = z.infer<typeof executionListSchema>
export type EventPage = z.infer<typeof eventPageSchema>
