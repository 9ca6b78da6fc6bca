import * as z from 'zod'
import { AGENT_HEALTH, AGENT_STATUSES } from './agent.ts'
import { timestampSchema } from './identifiers.ts'

/** Answer of `GET /v1/agents/{id}/queue`: who runs and who waits. */
export const agentQueueSchema = z.object({
  /** Whether executions may begin. */
  open: z.boolean(),
  /** Executions that may run at once. */
  limit: z.int(),
  /** Executions that run or are about to. */
  active: z.int().nonnegative(),
  waiting: z.int().nonnegative(),
})

/** How an agent did in one hour. */
export const agentHealthHourSchema = z.object({
  time: timestampSchema,
  started: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  successRate: z.number().min(0).max(1).nullable(),
})

/** Answer of `GET /v1/agents/{id}/health`. */
export const agentHealthSchema = z.object({
  status: z.enum(AGENT_STATUSES),
  health: z.enum(AGENT_HEALTH),
  detail: z.string().optional(),
  /** When it was checked last; absent when it never was. */
  checkedAt: timestampSchema.optional(),
  queue: agentQueueSchema,
  /** 0 to 100, from the success rate, the last check and the queue; null while the agent is not supposed to work. */
  score: z.int().min(0).max(100).nullable(),
  /** Completed executions of this hour and the one before, as a share of those that completed, failed or timed out; null without any. */
  successRate: z.number().min(0).max(1).nullable(),
  /** The last 24 hours; those in which nothing happened are left out. */
  history: z.array(agentHealthHourSchema),
})

export type AgentQueue = z.infer<typeof agentQueueSchema>
export type AgentHealth = z.infer<typeof agentHealthSchema>
export type AgentHealthHour = z.infer<typeof agentHealthHourSchema>
