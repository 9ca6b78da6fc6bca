import * as z from 'zod'
import type { CounterStore, ModelDay, Point, SourceDay, TimeRange } from '#shared/metrics/counter-store.ts'
import { addCounters, type Counters, countOf } from '#shared/metrics/counters.ts'
import { USAGE_GROUPS, type Usage, usageSchema } from '#shared/protocol/metrics.ts'
import { type Route, route } from '../route.ts'
import { timeRangeOf, timeRangeQuery } from '../time-range.ts'

const DEFAULT_DAYS = 30

const usageOf = (counters: Counters): Usage['totals'] => ({
  executions: countOf(counters, 'queued'),
  inputTokens: countOf(counters, 'inputTokens'),
  outputTokens: countOf(counters, 'outputTokens'),
  costMicroUsd: countOf(counters, 'costMicroUsd'),
  // It is counted where there is a price, also where that is 0.
  priced: counters.costMicroUsd !== undefined,
})

const dayOf = ({ start }: Point): string => new Date(start).toISOString().slice(0, 10)
const sumOf = (points: readonly Point[]): Usage['totals'] => usageOf(addCounters(...points.map(({ counters }) => counters)))

/** Of executions that have ended, where no others are counted. */
const endedOf = (counters: Counters): Usage['totals'] => ({ ...usageOf(counters), executions: countOf(counters, 'executions') })

function modelItem(days: readonly ModelDay[]): Usage['items'][number] {
  const counters = addCounters(...days.map((day) => day.counters))
  const { provider, model } = days[0] ?? {}
  return { provider, model, calls: countOf(counters, 'calls'), ...endedOf(counters) }
}

type Group = {
  maxDays: number
  itemsOf(counters: CounterStore, tenant: string, range: TimeRange): Promise<{ points: Point[]; items: Usage['items'] }>
}

function sourceItem(source: string, days: readonly SourceDay[]): Usage['items'][number] {
  return { source, ...endedOf(addCounters(...days.map(({ counters }) => counters))) }
}

/** By day the rows of the tenant are read, which are as many whatever the number of its agents. */
const GROUPS: Record<Usage['by'], Group> = {
  day: {
    maxDays: 92,
    async itemsOf(counters, tenant, range) {
      const points = await counters.hours(tenant, range)
      return { points, items: [...Map.groupBy(points, dayOf)].map(([day, all]) => ({ day, ...sumOf(all) })) }
    },
  },
  agent: {
    maxDays: 31,
    async itemsOf(counters, tenant, range) {
      const points = await counters.days(tenant, range)
      const items = [...Map.groupBy(points, ({ agentId }) => agentId)].map(([agentId, all]) => ({ agentId, ...sumOf(all) }))
      return { points, items: items.toSorted((one, other) => (one.agentId < other.agentId ? -1 : 1)) }
    },
  },
  model: {
    maxDays: 31,
    async itemsOf(counters, tenant, range) {
      // What was used in all is not the sum of the models: not every execution says which ones it asked.
      const [points, days] = await Promise.all([counters.hours(tenant, range), counters.modelDays(tenant, range)])
      const models = Map.groupBy(days, ({ provider, model }) => `${provider}/${model}`)
      const items = [...models].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, all]) => modelItem(all))
      return { points, items }
    },
  },
  source: {
    maxDays: 31,
    async itemsOf(counters, tenant, range) {
      const [points, days] = await Promise.all([counters.hours(tenant, range), counters.sourceDays(tenant, range)])
      const items = [...Map.groupBy(days, ({ source }) => source)].map(([source, all]) => sourceItem(source, all))
      return { points, items: items.toSorted((one, other) => other.costMicroUsd - one.costMicroUsd) }
    },
  },
}

export const USAGE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/usage',
    operation: 'getUsage',
    summary: 'Executions, tokens and cost of the tenant, by day, agent, model or source',
    description:
      'Whole days, in UTC, 92 at the most, 31 by agent, model or source. A source is who asked first, as budgets name it: the dearest stand first. Where more than 20,000 days of ' +
      'sources would be read, the answer is 413: ask for fewer days. About right: what is counted twice, or not at all, when a function dies in the middle of it is some ' +
      'executions in millions. For invoices, take the list of executions.',
    tag: 'Metrics',
    errors: ['payload_too_large'],
    scope: 'metrics:read',
    query: z.strictObject({ ...timeRangeQuery, by: z.enum(USAGE_GROUPS).default('day') }),
    status: 200,
    response: usageSchema,
    async handle({ principal: { tenant }, query: { by, ...asked } }, { counters, clock }) {
      const { maxDays, itemsOf } = GROUPS[by]
      const range = timeRangeOf(asked, { step: 'day', byDefaultDays: DEFAULT_DAYS, maxDays }, clock)
      const { points, items } = await itemsOf(counters, tenant, range)
      const body: Usage = {
        by,
        from: new Date(range.from).toISOString(),
        to: new Date(range.to).toISOString(),
        totals: sumOf(points),
        items,
      }
      return { body }
    },
  }),
]
