import * as z from 'zod'
import type { AgentDay } from '#shared/metrics/counter-store.ts'
import { addCounters, type Counters, countOf } from '#shared/metrics/counters.ts'
import { type Usage, usageSchema } from '#shared/protocol/metrics.ts'
import { type Route, route } from '../route.ts'
import { timeRangeOf, timeRangeQuery } from '../time-range.ts'

/** A quarter, in days. */
const MAX_DAYS = 92
const DEFAULT_DAYS = 30

const usageOf = (counters: Counters): Usage['totals'] => ({
  executions: countOf(counters, 'queued'),
  inputTokens: countOf(counters, 'inputTokens'),
  outputTokens: countOf(counters, 'outputTokens'),
})

const dayOf = ({ start }: AgentDay): string => new Date(start).toISOString().slice(0, 10)
const sumOf = (days: readonly AgentDay[]): Usage['totals'] => usageOf(addCounters(...days.map(({ counters }) => counters)))

const GROUPS: Record<Usage['by'], (days: readonly AgentDay[]) => Usage['items']> = {
  day: (days) => [...Map.groupBy(days, dayOf)].map(([day, all]) => ({ day, ...sumOf(all) })),
  agent: (days) =>
    [...Map.groupBy(days, ({ agentId }) => agentId)]
      .map(([agentId, all]) => ({ agentId, ...sumOf(all) }))
      .toSorted((one, other) => (one.agentId < other.agentId ? -1 : 1)),
}

export const USAGE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/usage',
    operation: 'getUsage',
    summary: 'Executions and tokens of the tenant, by day or by agent',
    description:
      'Whole days, in UTC, 92 at the most. About right: what is counted twice, or not at all, when a function dies in the middle of it is some ' +
      'executions in millions. For invoices, take the list of executions.',
    tag: 'Metrics',
    scope: 'metrics:read',
    query: z.strictObject({ ...timeRangeQuery, by: z.enum(['day', 'agent']).default('day') }),
    status: 200,
    response: usageSchema,
    async handle({ principal: { tenant }, query: { by, ...asked } }, { counters, clock }) {
      const range = timeRangeOf(asked, { step: 'day', byDefaultDays: DEFAULT_DAYS, maxDays: MAX_DAYS }, clock)
      const days = await counters.days(tenant, range)
      const body: Usage = {
        by,
        from: new Date(range.from).toISOString(),
        to: new Date(range.to).toISOString(),
        totals: sumOf(days),
        items: GROUPS[by](days),
      }
      return { body }
    },
  }),
]
