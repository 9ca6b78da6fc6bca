import { startOf } from '#shared/metrics/counter-store.ts'
import { addCounters, type Counters, countOf, successRate } from '#shared/metrics/counters.ts'
import { healthScore } from '#shared/metrics/health-score.ts'
import { HOUR_MS } from '#shared/platform/clock.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { AgentHealth, AgentHealthHour, AgentQueue } from '#shared/protocol/agent-health.ts'
import type { HttpDependencies } from './dependencies.ts'

/** Hours of an agent's history. */
const HISTORY_HOURS = 24

/** How an agent is: its last check, its queue, and how its executions went. */
export async function agentHealthOf(
  { counters, clock }: Pick<HttpDependencies, 'counters' | 'clock'>,
  tenant: string,
  agent: Agent,
  queue: AgentQueue,
): Promise<AgentHealth> {
  const now = clock.now()
  const hour = startOf('hour', now)
  const range = { from: hour - (HISTORY_HOURS - 1) * HOUR_MS, to: now + 1 }
  const hours = await counters.hoursOfAgent({ tenant, agentId: agent.agentId }, range)
  const recent = addCounters(...hours.filter(({ start }) => start >= hour - HOUR_MS).map((each) => each.counters))
  const { status, health, healthDetail: detail, healthCheckedAt: checkedAt } = agent
  const score = healthScore(agent, queue, recent)
  const history = hours.map((each) => hourOf(each.start, each.counters))
  return { status, health, detail, checkedAt, queue, score, successRate: successRate(recent), history }
}

const hourOf = (start: number, counters: Counters): AgentHealthHour => ({
  time: new Date(start).toISOString(),
  started: countOf(counters, 'started'),
  failed: countOf(counters, 'failed') + countOf(counters, 'timed_out'),
  successRate: successRate(counters),
})
