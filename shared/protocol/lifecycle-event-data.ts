import * as z from 'zod'
import { AGENT_HEALTH, AGENT_STATUSES } from './agent.ts'
import { agentIdSchema, executionIdSchema, messageIdSchema, timestampSchema, topicSchema } from './identifiers.ts'
import { type LifecycleEventType, lifecycleEventSchema } from './lifecycle-event.ts'
import { MAX_FACT_TEXT } from './limits.ts'
import { errorCodeSchema } from './problem.ts'
import { usageSchema } from './stream-event.ts'

const error = z.object({ code: errorCodeSchema, detail: z.string().max(MAX_FACT_TEXT) })
const attempt = z.int().nonnegative()
const milliseconds = z.int().nonnegative()

const agent = z.object({ agentId: agentIdSchema })
const agentStatus = agent.extend({ status: z.enum(AGENT_STATUSES) })
const agentHealth = agent.extend({
  health: z.enum(AGENT_HEALTH),
  detail: z.string().max(MAX_FACT_TEXT).optional(),
})

const execution = agent.extend({
  executionId: executionIdSchema,
  messageId: messageIdSchema.optional(),
  topic: topicSchema.optional(),
  correlationId: z.string().optional(),
  /** The execution that asked for this one, and the first of the chain. */
  parentId: executionIdSchema.optional(),
  rootId: executionIdSchema.optional(),
})
const ended = execution.extend({
  /** Attempts that were begun. */
  attempt,
  /** From the first attempt to the end; absent when there was none. */
  durationMs: milliseconds.optional(),
  usage: usageSchema.optional(),
})
const connection = z.object({
  connectionId: z.string(),
  /** Who is behind it. */
  subject: z.string(),
  /** Language of its frames. */
  protocol: z.string(),
})
const message = execution.extend({ messageId: messageIdSchema })

/** What stands in `data`, by type. Fields may be added, never removed. */
export const LIFECYCLE_EVENT_DATA = {
  'agent.created': agentStatus.extend({ name: z.string(), kind: z.string(), version: z.int().positive() }),
  'agent.started': agentStatus,
  'agent.paused': agentStatus,
  'agent.resumed': agentStatus,
  'agent.stopped': agentStatus,
  'agent.updated': agent.extend({ version: z.int().positive(), previousVersion: z.int().positive() }),
  'agent.deleted': agent,
  'agent.failed': agentStatus.extend({ error: error.optional() }),
  'agent.status_changed': agent.extend({
    from: z.enum(AGENT_STATUSES),
    to: z.enum(AGENT_STATUSES),
    /** Where a passing status leads. */
    desired: z.string().optional(),
    error: error.optional(),
  }),
  'agent.health_checked': agentHealth,
  'agent.health_check_failed': agentHealth.extend({ previousHealth: z.enum(AGENT_HEALTH) }),
  'message.received': message.extend({ attempt }),
  'message.processed': message.extend({ attempt, processingMs: milliseconds }),
  'message.failed': message.extend({
    attempt,
    /** Whether nobody will try it again. */
    final: z.boolean(),
    error: error.optional(),
  }),
  'message.dead_lettered': z.object({
    messageId: messageIdSchema,
    topic: topicSchema.optional(),
    agentId: agentIdSchema.optional(),
    executionId: executionIdSchema.optional(),
    /** Name of the queue that keeps it. */
    queue: z.string(),
    error,
  }),
  'message.expired': message,
  'execution.queued': execution.extend({ priority: z.int().min(1).max(10), type: z.string().optional() }),
  'execution.started': execution.extend({ attempt }),
  'execution.retrying': execution.extend({
    /** The attempt that failed, and the one that follows. */
    attempt,
    nextAttempt: attempt,
    retryAt: timestampSchema.optional(),
  }),
  'execution.waiting_input': execution.extend({
    attempt,
    /** What a person is to decide on. */
    approvalIds: z.array(z.uuid()),
    /** When it goes on without. */
    until: timestampSchema.optional(),
  }),
  /** It has what it waited for, or waits no longer. */
  'execution.resumed': execution.extend({ attempt, waitedMs: milliseconds }),
  'execution.completed': ended,
  'execution.failed': ended.extend({ error: error.optional() }),
  'execution.timed_out': ended.extend({ error: error.optional() }),
  'execution.cancelled': ended.extend({ error: error.optional() }),
  'execution.expired': ended.extend({ error: error.optional() }),
  /** Somebody who said who they are. */
  'connection.opened': connection,
  'connection.closed': connection.extend({ durationMs: milliseconds }),
} as const satisfies Record<LifecycleEventType, z.ZodObject>

export type LifecycleEventData<Type extends LifecycleEventType> = z.input<(typeof LIFECYCLE_EVENT_DATA)[Type]>

/** The whole event of a type. */
export const lifecycleEventSchemaOf = (type: LifecycleEventType) =>
  lifecycleEventSchema.extend({ type: z.literal(type), data: LIFECYCLE_EVENT_DATA[type] })
