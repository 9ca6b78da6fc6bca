import * as z from 'zod'
import { timestampSchema } from './identifiers.ts'

/** Facts that are told on the bus and on the channels `all` and `agent:<id>`. Names are never changed. */
export const LIFECYCLE_EVENT_TYPES = [
  'agent.created',
  'agent.started',
  'agent.paused',
  'agent.resumed',
  'agent.stopped',
  'agent.updated',
  'agent.deleted',
  'agent.failed',
  'agent.status_changed',
  'agent.health_checked',
  'agent.health_check_failed',
  'message.received',
  'message.processed',
  'message.failed',
  'message.dead_lettered',
  'message.expired',
  'execution.queued',
  'execution.started',
  'execution.retrying',
  'execution.waiting_input',
  'execution.resumed',
  'execution.completed',
  'execution.failed',
  'execution.timed_out',
  'execution.cancelled',
  'execution.expired',
  'connection.opened',
  'connection.closed',
] as const

/** Whether a type is the one that a pattern names, or begins with it where the pattern ends with a dot. */
export const matchesPattern = (type: string, pattern: string): boolean =>
  type === pattern || (pattern.endsWith('.') && type.startsWith(pattern))

/** All that types begin with, up to and with a dot. */
const BEGINNINGS = new Set(
  LIFECYCLE_EVENT_TYPES.flatMap((type) => [...type.matchAll(/\./g)].map(({ index }) => type.slice(0, index + 1))),
)

/** What is told: an event type, or the beginning of several up to and with a dot, such as `execution.`. */
export const eventPatternSchema = z.enum(
  [...LIFECYCLE_EVENT_TYPES, ...BEGINNINGS],
  'use an event type, or the beginning of some up to a dot, such as "execution."',
)

/**
 * A fact as a CloudEvent. Its `id` follows from the fact, so a fact that is told twice has one id. What stands in `data` says
 * `lifecycle-event-data.ts`, by type.
 */
export const lifecycleEventSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  type: z.enum(LIFECYCLE_EVENT_TYPES),
  /** What it is about, as a path: `/agents/<id>`, `/executions/<id>`, `/messages/<id>` or `/connections/<id>`. */
  source: z.string(),
  /** When it happened. */
  time: timestampSchema,
  data: z.looseObject({ agentId: z.string().optional() }),
})

export type LifecycleEventType = (typeof LIFECYCLE_EVENT_TYPES)[number]
export type LifecycleEvent = z.infer<typeof lifecycleEventSchema>
