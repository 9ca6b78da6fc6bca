import type { Agent } from '#shared/protocol/agent.ts'
import type { ExecutionRecord } from './execution-record.ts'

/** Clocks of functions differ by less, in milliseconds. */
const CLOCK_SKEW_MS = 5_000

/**
 * Whether an agent is the one that an execution was made for. An id can be taken again after its agent was deleted; what was still to be tried
 * again then is not for the new one.
 */
export const isAgentOf = (agent: Pick<Agent, 'createdAt'>, { createdAt }: Pick<ExecutionRecord, 'createdAt'>): boolean =>
  Date.parse(agent.createdAt) <= Date.parse(createdAt) + CLOCK_SKEW_MS
