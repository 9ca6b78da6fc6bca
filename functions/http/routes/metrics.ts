import * as z from 'zod'
import { STEPS, type Step, startOf } from '#shared/metrics/counter-store.ts'
import { addCounters } from '#shared/metrics/counters.ts'
import { figuresOf } from '#shared/metrics/figures.ts'
import { HOUR_MS, timestamp } from '#shared/platform/clock.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { type AgentMetrics, agentMetricsSchema, type Overview, overviewSchema } from '#shared/protocol/metrics.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { type Route, route } from '../route.ts'
import { timeRangeOf, timeRangeQuery } from '../time-range.ts'

/** Longest ranges, in days: some 750 and 400 points. */
const RANGES: Record<Step, { byDefaultDays: number; maxDays: number }> = {
  hour: { byDefaultDays: 1, maxDays: 31 },
  day: { byDefaultDays: 30, maxDays: 400 },
}
async function queuesOf({ queueDepths }: HttpDependencies): Promise<NonNullable<Overview['queues']>> {
  const queues = await queueDepths.list()
  const [letters, own] = [queues.filter(({ deadLetters }) => deadLetters), queues.filter(({ deadLetters }) => !deadLetters)]
  const sum = (counts: number[]): number => counts.reduce((total, each) => total + each, 0)
  return {
    waiting: sum(own.map(({ visible, delayed }) => visible + delayed)),
    inFlight: sum(own.map(({ inFlight }) => inFlight)),
    deadLetters: sum(letters.map(({ visible, inFlight }) => visible + inFlight)),
  }
}

export const METRICS_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/agents/{agentId}/metrics',
    operation: 'getAgentMetrics',
    summary: 'How an agent did, by hour or by day',
    description:
      'Figures are counted a second or so after what they count. Percentiles are estimates from a histogram. By hour a range has 31 days at the ' +
      'most, by day 400. `from` is taken back to the beginning of its hour or day.',
    tag: 'Metrics',
    errors: ['not_found'],
    scope: 'metrics:read',
    params: z.object({ agentId: agentIdSchema }),
    query: z.strictObject({ ...timeRangeQuery, step: z.enum(STEPS).default('hour') }),
    status: 200,
    response: agentMetricsSchema,
    async handle({ principal: { tenant }, params: { agentId }, query: { step, ...asked } }, { agents, counters, clock }) {
      const range = timeRangeOf(asked, { step, ...RANGES[step] }, clock)
      if (!(await agents.get(tenant, agentId))) throw new NotFoundError('agent', agentId)
      const points = await counters[step === 'hour' ? 'hoursOfAgent' : 'daysOfAgent']({ tenant, agentId }, range)
      const body: AgentMetrics = {
        agentId,
        step,
        from: new Date(range.from).toISOString(),
        to: new Date(range.to).toISOString(),
        totals: figuresOf(addCounters(...points.map((point) => point.counters))),
        series: points.map((point) => ({ time: new Date(point.start).toISOString(), ...figuresOf(point.counters) })),
      }
      return { body }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/metrics/overview',
    operation: 'getMetricsOverview',
    summary: 'How the tenant stands: agents, recent executions, connections, queues',
    tag: 'Metrics',
    scope: 'metrics:read',
    status: 200,
    response: overviewSchema,
    async handle({ principal: { tenant, scopes } }, dependencies) {
      const { census, counters, presence, clock } = dependencies
      const since = startOf('hour', clock.now()) - HOUR_MS
      const [agents, hours, present, queues] = await Promise.all([
        census.counts(tenant),
        counters.hours(tenant, { from: since, to: clock.now() + 1 }),
        presence.counts(tenant),
        scopes.includes('queues:read') ? queuesOf(dependencies) : undefined,
      ])
      const body: Overview = {
        time: timestamp(clock),
        agents: {
          total: Object.values(agents.statuses).reduce((sum, count) => sum + count, 0),
          byStatus: agents.statuses,
          byHealth: agents.healths,
        },
        recent: { since: new Date(since).toISOString(), ...figuresOf(addCounters(...hours.map((hour) => hour.counters))) },
        connections: present.connections,
        topics: Object.keys(present.topics).length,
        queues,
      }
      return { body }
    },
  }),

  route({
    method: 'GET',
    path: '/metrics',
    operation: 'getPrometheusMetrics',
    summary: 'Metrics of the tenant in the text format of Prometheus',
    description: 'Not found where the stage has the setting `metrics` off.',
    tag: 'Metrics',
    errors: ['not_found'],
    scope: 'metrics:read',
    status: 200,
    response: z.string(),
    contentType: 'text/plain',
    async handle({ principal: { tenant } }, { metricsEnabled, requestCounts, counters, census, presence }) {
      if (!metricsEnabled) throw new NotFoundError('path', '/metrics')
      await requestCounts.flush()
      const [{ prometheusText }, executions, requests, agents, { connections }] = await Promise.all([
        import('#shared/metrics/prometheus-text.ts'),
        counters.totals(tenant),
        counters.requests(tenant),
        census.counts(tenant),
        presence.counts(tenant),
      ])
      const { text, contentType } = await prometheusText({ executions, requests, agents, connections })
      return { text, headers: { 'content-type': contentType } }
    },
  }),
]
