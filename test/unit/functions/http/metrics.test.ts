import { describe, expect, it } from 'vitest'
import { addCounters } from '#shared/metrics/counters.ts'
import { observation } from '#shared/metrics/histogram.ts'
import { agentMetricsSchema, overviewSchema, usageSchema } from '#shared/protocol/metrics.ts'
import { anAgent } from '../../../helpers/executions.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

/** The caller's clock stands at 2026-11-21T09:30:00Z. */
const at = (text: string): number => Date.parse(text)

const done = addCounters(
  { queued: 1, started: 1, completed: 1, inputTokens: 10, outputTokens: 20, costMicroUsd: 7 },
  observation('duration', 800),
)
const failed = addCounters({ queued: 1, started: 1, failed: 1, 'error:provider_error': 1 }, observation('duration', 400))

async function aBusyStage() {
  const caller = httpCaller()
  const { counters, agents, census, presence } = caller.dependencies
  for (const tenant of ['acme', 'other']) await agents.create(tenant, anAgent())
  await census.note({ tenant: 'acme', agentId: 'assistant' }, { status: 'running', health: 'healthy' })
  await census.note({ tenant: 'acme', agentId: 'second' }, { status: 'paused', health: 'unknown' })
  await presence.arrive({ tenant: 'acme', connectionId: 'c1' })
  const mine = { tenant: 'acme', agentId: 'assistant' }
  await counters.add([
    { ...mine, at: at('2026-11-21T09:10:00Z'), counters: done },
    { ...mine, at: at('2026-11-21T08:10:00Z'), counters: failed },
    { ...mine, at: at('2026-11-20T08:10:00Z'), counters: done },
    { tenant: 'acme', agentId: 'gone', at: at('2026-11-20T08:10:00Z'), counters: done },
    { tenant: 'other', agentId: 'assistant', at: at('2026-11-21T09:10:00Z'), counters: { queued: 1_000 } },
  ])
  return caller
}

describe('GET /v1/agents/{agentId}/metrics', () => {
  it('gives the last day by hour, and what it adds up to', async () => {
    const { call } = await aBusyStage()

    const { status, body } = await call('GET', '/v1/agents/assistant/metrics')

    expect(status).toBe(200)
    const { totals, series, ...rest } = agentMetricsSchema.parse(body)
    expect(rest).toEqual({
      agentId: 'assistant',
      step: 'hour',
      from: '2026-11-20T09:00:00.000Z',
      to: '2026-11-21T09:30:00.000Z',
    })
    expect(series.map(({ time, executions }) => [time, executions.completed, executions.failed])).toEqual([
      ['2026-11-21T08:00:00.000Z', 0, 1],
      ['2026-11-21T09:00:00.000Z', 1, 0],
    ])
    expect(totals).toMatchObject({
      executions: { queued: 2, started: 2, completed: 1, failed: 1, timedOut: 0 },
      tokens: { input: 10, output: 20 },
      errors: { provider_error: 1 },
      successRate: 0.5,
      durationSeconds: { count: 2, mean: 0.6, p50: 0.5, p99: expect.closeTo(0.99) },
      waitSeconds: { count: 0, mean: null, p50: null },
    })
  })

  it('gives days, from the beginning of the first', async () => {
    const { call } = await aBusyStage()

    const query = { step: 'day', from: '2026-11-20T12:00:00Z', to: '2026-11-22T00:00:00+01:00' }
    const { body } = await call('GET', '/v1/agents/assistant/metrics', { query })

    const { series, from } = agentMetricsSchema.parse(body)
    expect(from).toBe('2026-11-20T00:00:00.000Z')
    expect(series.map(({ time, executions }) => [time, executions.queued])).toEqual([
      ['2026-11-20T00:00:00.000Z', 1],
      ['2026-11-21T00:00:00.000Z', 2],
    ])
  })

  it.each<[number, string, Record<string, string>]>([
    [200, '31 days by hour', { from: '2026-10-21T09:30:00Z' }],
    [422, 'more than 31 days by hour', { from: '2026-10-21T09:29:59Z' }],
    [200, '400 days by day', { step: 'day', from: '2025-10-17T09:30:00Z' }],
    [422, 'more than 400 days by day', { step: 'day', from: '2025-10-17T09:29:59Z' }],
    [422, 'a range that ends before it begins', { from: '2026-11-21T09:00:00Z', to: '2026-11-21T08:00:00Z' }],
    [422, 'a step that is none', { step: 'minute' }],
    [422, 'no time', { from: 'yesterday' }],
    [422, 'the year of the great flood', { from: '-002348-01-01T00:00:00Z' }],
    [422, 'another tenant', { tenant: 'other' }],
  ])('answers %s: %s', async (status, _what, query) => {
    const { call } = await aBusyStage()

    expect((await call('GET', '/v1/agents/assistant/metrics', { query })).status).toBe(status)
  })

  it("tells another tenant's agent from none by nothing", async () => {
    const { call, tokenOf } = await aBusyStage()
    const token = await tokenOf('third')

    const [foreign, none] = [
      await call('GET', '/v1/agents/assistant/metrics', { token }),
      await call('GET', '/v1/agents/nobody/metrics', { token }),
    ]

    expect(foreign.status).toBe(404)
    expect(JSON.stringify(foreign.body)).toBe(JSON.stringify(none.body).replaceAll('nobody', 'assistant'))
  })
})

describe('GET /v1/usage', () => {
  it('adds up by day, and by agent also those that are gone', async () => {
    const { call } = await aBusyStage()

    const byDay = usageSchema.parse((await call('GET', '/v1/usage')).body)
    expect(byDay.items).toEqual([
      { day: '2026-11-20', executions: 2, inputTokens: 20, outputTokens: 40, costMicroUsd: 14, priced: true },
      { day: '2026-11-21', executions: 2, inputTokens: 10, outputTokens: 20, costMicroUsd: 7, priced: true },
    ])
    expect(byDay.totals).toEqual({ executions: 4, inputTokens: 30, outputTokens: 60, costMicroUsd: 21, priced: true })

    const byAgent = usageSchema.parse(
      (await call('GET', '/v1/usage', { query: { by: 'agent', from: '2026-11-20T00:00:00Z' } })).body,
    )
    expect(byAgent.items).toEqual([
      { agentId: 'assistant', executions: 3, inputTokens: 20, outputTokens: 40, costMicroUsd: 14, priced: true },
      { agentId: 'gone', executions: 1, inputTokens: 10, outputTokens: 20, costMicroUsd: 7, priced: true },
    ])
    expect(byAgent.totals).toEqual(byDay.totals)
  })

  it('adds up by model what the models of the tenant were asked, and nothing of another tenant', async () => {
    const { call, dependencies } = await aBusyStage()
    const mini = {
      provider: 'openai',
      model: 'gpt-4o-mini',
      counters: { executions: 1, calls: 2, inputTokens: 10, costMicroUsd: 5 },
    }
    const mine = { agentId: 'assistant', at: at('2026-11-21T09:10:00Z'), counters: {} }
    await dependencies.counters.add([
      {
        ...mine,
        tenant: 'acme',
        models: [mini, { provider: 'ollama', model: 'library/llama2:13b#x', counters: { executions: 1, calls: 1 } }],
      },
      { ...mine, tenant: 'acme', at: at('2026-11-20T09:10:00Z'), models: [mini] },
      { ...mine, tenant: 'other', models: [mini] },
    ])

    const byModel = usageSchema.parse((await call('GET', '/v1/usage', { query: { by: 'model' } })).body)

    const nothing = { inputTokens: 0, outputTokens: 0, costMicroUsd: 0, priced: false }
    expect(byModel.items).toEqual([
      { provider: 'ollama', model: 'library/llama2:13b#x', executions: 1, calls: 1, ...nothing },
      {
        provider: 'openai',
        model: 'gpt-4o-mini',
        executions: 2,
        calls: 4,
        inputTokens: 20,
        outputTokens: 0,
        costMicroUsd: 10,
        priced: true,
      },
    ])
    expect(byModel.totals).toMatchObject({ executions: 4 })
  })

  it('adds up by who asked, the dearest first, and nothing of another tenant', async () => {
    const { call, dependencies } = await aBusyStage()
    const of = (tenant: string, source: string, costMicroUsd: number) => ({
      ...{ tenant, agentId: 'assistant', at: at('2026-11-21T09:10:00Z'), counters: {} },
      source: { source, counters: { executions: 1, inputTokens: 10, costMicroUsd } },
    })
    await dependencies.counters.add([
      of('acme', '/principals/ada', 5),
      of('acme', '/principals/ada', 6),
      of('acme', '/principals/eve', 20),
      of('other', '/principals/ada', 99),
    ])

    const bySource = usageSchema.parse((await call('GET', '/v1/usage', { query: { by: 'source' } })).body)

    const tokens = { inputTokens: 10, outputTokens: 0, priced: true }
    expect(bySource.items).toEqual([
      { source: '/principals/eve', executions: 1, ...tokens, costMicroUsd: 20 },
      { source: '/principals/ada', executions: 2, ...tokens, inputTokens: 20, costMicroUsd: 11 },
    ])
    expect(bySource.totals).toMatchObject({ executions: 4 })
  })

  it('answers 422 for more than a quarter', async () => {
    const { call } = await aBusyStage()

    expect((await call('GET', '/v1/usage', { query: { from: '2026-08-20T00:00:00Z' } })).status).toBe(422)
  })
})

describe('GET /v1/metrics/overview', () => {
  it('says how the tenant stands', async () => {
    const queue = { name: 'q', purpose: 'work', inFlight: 1, delayed: 2 }
    const { dependencies } = await aBusyStage()
    const { call, tokenOf } = httpCaller({
      ...dependencies,
      queueDepths: {
        list: async () => [
          { ...queue, deadLetters: false, visible: 3 },
          { ...queue, deadLetters: true, visible: 4 },
        ],
      },
    })

    const { body } = await call('GET', '/v1/metrics/overview')

    expect(overviewSchema.parse(body)).toMatchObject({
      agents: { total: 2, byStatus: { running: 1, paused: 1 }, byHealth: { healthy: 1, unknown: 1 } },
      recent: { since: '2026-11-21T08:00:00.000Z', executions: { queued: 2, completed: 1, failed: 1 } },
      connections: 1,
      topics: 0,
      queues: { waiting: 5, inFlight: 1, deadLetters: 5 },
    })
    const token = await tokenOf('acme', ['metrics:read'])
    expect((await call('GET', '/v1/metrics/overview', { token })).body).not.toHaveProperty('queues')
  })
})

describe('routes of figures', () => {
  it.each(['/v1/agents/assistant/metrics', '/v1/usage', '/v1/metrics/overview', '/metrics'])(
    '%s needs its scope',
    async (path) => {
      const { call, tokenOf } = await aBusyStage()

      expect((await call('GET', path, { token: null })).status).toBe(401)
      const token = await tokenOf('acme', ['agents:read', 'executions:read', 'queues:read'])
      expect((await call('GET', path, { token })).status).toBe(403)
    },
  )
})

describe('GET /v1/agents/{agentId}/health', () => {
  it('has a score and a history', async () => {
    const { call } = await aBusyStage()

    const { body } = await call('GET', '/v1/agents/assistant/health')

    // Half of the executions went wrong, nobody has checked, nobody waits.
    expect(body).toMatchObject({
      score: 25 + 15 + 20,
      successRate: 0.5,
      history: [
        { time: '2026-11-21T08:00:00.000Z', started: 1, failed: 1, successRate: 0 },
        { time: '2026-11-21T09:00:00.000Z', started: 1, failed: 0, successRate: 1 },
      ],
    })
  })
})
