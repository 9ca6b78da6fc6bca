import * as z from 'zod'
import { AGENT_HEALTH, AGENT_STATUSES } from './agent.ts'
import { agentIdSchema, timestampSchema } from './identifiers.ts'
import { errorCodeSchema } from './problem.ts'

const count = z.int().nonnegative()
const shareSchema = z.number().min(0).max(1).nullable()

/** What executions came to. */
export const executionFiguresSchema = z.object({
  executions: z.object({
    queued: count,
    started: count,
    completed: count,
    failed: count,
    timedOut: count,
    cancelled: count,
    expired: count,
    retries: count,
  }),
  tokens: z.object({ input: count, output: count }),
  /** Executions that failed or timed out, by code. */
  errors: z.partialRecord(errorCodeSchema, count),
  /** Completed executions, as a share of those that completed, failed or timed out; null without any. */
  successRate: shareSchema,
})

/** How times were spread, in seconds. All but the mean and the count are estimates, from the buckets of a histogram. */
export const timesSchema = z.object({
  count,
  mean: z.number().nullable(),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
})

const measuredSchema = z.object({
  ...executionFiguresSchema.shape,
  /** From the start of an execution to its end. */
  durationSeconds: timesSchema,
  /** From its acceptance to its start. */
  waitSeconds: timesSchema,
})

/** Answer of `GET /v1/agents/{agentId}/metrics`. */
export const agentMetricsSchema = z.object({
  agentId: agentIdSchema,
  step: z.enum(['hour', 'day']),
  from: timestampSchema,
  to: timestampSchema,
  /** Of the whole range. */
  totals: measuredSchema,
  /** Hours or days by their beginning, in UTC; those in which nothing happened are left out. */
  series: z.array(z.object({ time: timestampSchema, ...measuredSchema.shape })),
})

const usageFiguresSchema = z.object({
  executions: count,
  inputTokens: count,
  outputTokens: count,
  /** Millionths of a dollar, of the models whose prices are known. */
  costMicroUsd: count,
  /** Whether the price of any of the models is known. Otherwise the cost is not 0, but unknown. */
  priced: z.boolean(),
})

/** What usage is added up by. */
export const USAGE_GROUPS = ['day', 'agent', 'model', 'source'] as const

/** Answer of `GET /v1/usage`: executions that were accepted, and tokens of those that ended. */
export const usageSchema = z.object({
  by: z.enum(USAGE_GROUPS),
  from: timestampSchema,
  to: timestampSchema,
  totals: usageFiguresSchema,
  /**
   * One for each day, agent, model or source that has any; also of agents that are gone. An execution counts for every model that it asked, and when it has
   * ended for the one who asked first.
   */
  items: z.array(
    z.object({
      day: z.iso.date().optional(),
      agentId: agentIdSchema.optional(),
      provider: z.string().optional(),
      model: z.string().optional(),
      /** Who asked first, as budgets name it. */
      source: z.string().optional(),
      /** Calls of the model. */
      calls: count.optional(),
      ...usageFiguresSchema.shape,
    }),
  ),
})

/** Answer of `GET /v1/metrics/overview`. */
export const overviewSchema = z.object({
  time: timestampSchema,
  agents: z.object({
    total: count,
    byStatus: z.partialRecord(z.enum(AGENT_STATUSES), count),
    byHealth: z.partialRecord(z.enum(AGENT_HEALTH), count),
  }),
  /** Executions since `since`: this hour, and the one before it. */
  recent: z.object({ since: timestampSchema, ...measuredSchema.shape }),
  connections: count,
  /** Topics that somebody follows. */
  topics: count,
  /** Messages in the queues of the stage, and in their dead-letter queues; only for tokens with `queues:read`. */
  queues: z.object({ waiting: count, inFlight: count, deadLetters: count }).optional(),
})

export type ExecutionFigures = z.infer<typeof executionFiguresSchema>
export type Times = z.infer<typeof timesSchema>
export type AgentMetrics = z.infer<typeof agentMetricsSchema>
export type Usage = z.infer<typeof usageSchema>
export type Overview = z.infer<typeof overviewSchema>
