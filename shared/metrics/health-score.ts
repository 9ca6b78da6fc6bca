import type { Agent } from '#shared/protocol/agent.ts'
import type { AgentQueue } from '#shared/protocol/agent-health.ts'
import { type Counters, successRate } from './counters.ts'

/** Parts of a score; together 100. */
const WEIGHTS = { success: 50, check: 30, queue: 20 } as const

/** What the last check is worth. Nobody has checked: half, for it may be either. */
const CHECKS: Record<Agent['health'], number> = { healthy: 1, degraded: 0.5, unknown: 0.5, unhealthy: 0, offline: 0 }

/** Rounds of work that may wait before the queue counts for nothing. */
const MANY_ROUNDS = 10

/**
 * How well an agent is, from 0 to 100: 50 for the success rate of this hour and the one before (all of it when nothing has ended), 30 for the last
 * health check (healthy all, degraded or unknown half, else nothing), 20 for the queue (all of it when nobody waits, nothing when ten times as
 * many wait as may run at once).
 *
 * @param recent - counters of this hour and the one before
 * @returns null for an agent that is not supposed to work: not started, stopped, on its way; 0 for one that failed
 */
export function healthScore(
  { status, health }: Pick<Agent, 'status' | 'health'>,
  queue: AgentQueue,
  recent: Counters,
): number | null {
  if (status === 'failed') return 0
  if (status !== 'running' && status !== 'paused') return null
  const success = successRate(recent) ?? 1
  const free = 1 - Math.min(1, queue.waiting / (MANY_ROUNDS * queue.limit))
  return Math.round(WEIGHTS.success * success + WEIGHTS.check * CHECKS[health] + WEIGHTS.queue * free)
}
