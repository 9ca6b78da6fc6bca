import { describe, expect, it } from 'vitest'
import { type CounterStore, KEPT_DAYS } from '#shared/metrics/counter-store.ts'
import { dynamoCounterStore } from '#shared/metrics/dynamo-counter-store.ts'
import { memoryCounterStore } from '#shared/metrics/memory-counter-store.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z')
const clock = { now: () => NOW }
const time = (text: string): number => Date.parse(text)

const stores: [string, () => CounterStore][] = [
  ['memory', memoryCounterStore],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => CounterStore] => [
    name,
    () => dynamoCounterStore(client, tables.executions, clock),
  ]),
]

describe.each(stores)('CounterStore on %s', (_name, open) => {
  it('adds up hours and days of an agent, of a tenant, and totals', async () => {
    const store = open()
    const tenant = newId()
    const before = await store.stageTotals()
    const one = { tenant, agentId: 'one' }
    await Promise.all(
      Array.from({ length: 10 }, () =>
        store.add([
          { ...one, at: time('2026-11-21T08:59:59Z'), counters: { queued: 1 } },
          { ...one, at: time('2026-11-21T09:00:00Z'), counters: { queued: 2, 'duration:0.5': 1 } },
          { ...one, at: time('2026-11-21T09:00:01Z'), counters: { queued: 1 } },
          { tenant, agentId: 'two', at: time('2026-11-20T23:00:00Z'), counters: { completed: 1 } },
        ]),
      ),
    )

    const range = { from: time('2026-11-20T00:00:00Z'), to: NOW }
    const hours = [
      { start: time('2026-11-21T08:00:00Z'), counters: { queued: 10 } },
      { start: time('2026-11-21T09:00:00Z'), counters: { queued: 30, 'duration:0.5': 10 } },
    ]
    expect(await store.hoursOfAgent(one, range)).toEqual(hours)
    expect(await store.hours(tenant, range)).toEqual([
      { start: time('2026-11-20T23:00:00Z'), counters: { completed: 10 } },
      ...hours,
    ])
    const today = { start: time('2026-11-21T00:00:00Z'), counters: { queued: 40, 'duration:0.5': 10 } }
    expect(await store.daysOfAgent(one, range)).toEqual([today])
    expect(await store.days(tenant, range)).toEqual([
      { start: time('2026-11-20T00:00:00Z'), agentId: 'two', counters: { completed: 10 } },
      { agentId: 'one', ...today },
    ])
    expect(await store.totals(tenant)).toEqual({ queued: 40, completed: 10, 'duration:0.5': 10 })
    expect((await store.stageTotals()).queued).toBeGreaterThanOrEqual((before.queued ?? 0) + 40)
  })

  it('gives what begins within the range, and nothing else', async () => {
    const store = open()
    const agent = { tenant: newId(), agentId: 'one' }
    for (const hour of ['07', '08', '09', '10'])
      await store.add([{ ...agent, at: time(`2026-11-21T${hour}:30:00Z`), counters: { queued: 1 } }])

    const starts = async (from: string, to: string) =>
      (await store.hoursOfAgent(agent, { from: time(from), to: time(to) })).map(({ start }) => new Date(start).getUTCHours())
    expect(await starts('2026-11-21T08:00:00Z', '2026-11-21T10:00:00Z')).toEqual([8, 9])
    expect(await starts('2026-11-21T08:00:01Z', '2026-11-21T10:00:01Z')).toEqual([9, 10])
    expect(await starts('2026-11-21T09:00:00Z', '2026-11-21T09:00:00Z')).toEqual([])
    expect(await starts('2026-11-21T10:00:00Z', '2026-11-21T08:00:00Z')).toEqual([])
  })

  it('gives 400 days of an agent at once', async () => {
    const store = open()
    const agent = { tenant: newId(), agentId: 'one' }
    const first = NOW - 399 * 86_400_000
    for (const at of [first, NOW]) await store.add([{ ...agent, at, counters: { queued: 1 } }])

    expect(await store.daysOfAgent(agent, { from: first - 86_400_000, to: NOW })).toHaveLength(2)
  })

  it('takes nobody for another whose name begins alike', async () => {
    const store = open()
    const tenant = newId()
    const counters = { queued: 1 }
    await store.add([
      { tenant: `${tenant}x`, agentId: 'one', at: NOW, counters },
      { tenant, agentId: 'one-more', at: NOW, counters },
    ])
    await store.addRequests(`${tenant}x`, { 'request:GET /v1/agents': 1 })

    const range = { from: NOW - 86_400_000, to: NOW }
    expect(await store.hoursOfAgent({ tenant, agentId: 'one' }, range)).toEqual([])
    expect(await store.daysOfAgent({ tenant, agentId: 'one' }, range)).toEqual([])
    expect((await store.days(tenant, range)).map(({ agentId }) => agentId)).toEqual(['one-more'])
    expect(await store.totals(tenant)).toEqual(counters)
    expect(await store.requests(tenant)).toEqual({})
  })

  it('keeps the days of each model by themselves, whatever its name', async () => {
    const store = open()
    const tenant = newId()
    const names = ['gpt-4o', 'library/llama2:13b#x', '~']
    const models = names.map((model) => ({ provider: 'ollama', model, counters: { calls: 2, costMicroUsd: 5 } }))
    for (const at of [NOW - 86_400_000, NOW, NOW])
      await store.add([{ tenant, agentId: 'one', at, counters: { queued: 1 }, models }])

    const [yesterday, today] = [time('2026-11-20T00:00:00Z'), time('2026-11-21T00:00:00Z')]
    expect(await store.modelDays(tenant, { from: yesterday, to: NOW })).toEqual([
      ...models.map((model) => ({ ...model, start: yesterday })),
      ...models.map((model) => ({ ...model, start: today, counters: { calls: 4, costMicroUsd: 10 } })),
    ])
    expect(await store.modelDays(`${tenant}-x`, { from: yesterday, to: NOW })).toEqual([])
    expect(await store.totals(tenant)).toEqual({ queued: 3 })
  })

  it('keeps the days of each source by themselves, whatever its name, and as much of it as fits', async () => {
    const store = open()
    const tenant = newId()
    const counters = { executions: 1, costMicroUsd: 5 }
    const long = `/principals/${'ä'.repeat(500)}`
    const names = ['/principals/ada', '/topics/a#b', long, '~']
    for (const at of [NOW - 86_400_000, NOW, NOW])
      await store.add(names.map((source) => ({ tenant, agentId: 'one', at, counters: {}, source: { source, counters } })))

    const days = await store.sourceDays(tenant, { from: time('2026-11-20T00:00:00Z'), to: NOW })

    const kept = names.map((name) => (name === long ? expect.stringMatching(/^\/principals\/ä{400,}/) : name))
    const [yesterday, today] = [time('2026-11-20T00:00:00Z'), time('2026-11-21T00:00:00Z')]
    expect(days).toHaveLength(8)
    expect(days).toEqual(
      expect.arrayContaining([
        ...kept.map((source) => ({ source, counters, start: yesterday })),
        ...kept.map((source) => ({ source, counters: { executions: 2, costMicroUsd: 10 }, start: today })),
      ]),
    )
    expect(await store.sourceDays(`${tenant}-x`, { from: yesterday, to: NOW })).toEqual([])
  })

  it('adds up requests', async () => {
    const store = open()
    const tenant = newId()
    const name = 'request:GET /v1/agents/{agentId}'
    await Promise.all([1, 2, 3].map((count) => store.addRequests(tenant, { [name]: count, 'error:not_found': 1 })))

    expect(await store.requests(tenant)).toEqual({ [name]: 6, 'error:not_found': 3 })
    expect(await store.totals(tenant)).toEqual({})
  })
})

describe.each(dynamoBackends())('dynamoCounterStore on $name', ({ connect, tables }) => {
  it('makes one write for each hour, day and total of a batch', async () => {
    const client = connect()
    const writes: unknown[] = []
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName?.startsWith('Update')) writes.push(args.input)
        return next(args)
      },
      { step: 'initialize' },
    )
    const tenant = newId()

    await dynamoCounterStore(client, tables.executions, clock).add(
      Array.from({ length: 100 }, () => ({ tenant, agentId: 'one', at: NOW, counters: { queued: 1 } })),
    )

    expect(writes).toHaveLength(5)
  })

  it('forgets what has expired, though it is still in the table', async () => {
    const tenant = newId()
    const agent = { tenant, agentId: 'one' }
    const store = dynamoCounterStore(connect(), tables.executions, clock)
    const at = NOW - (KEPT_DAYS + 2) * 86_400_000
    await store.add([{ ...agent, at, counters: { queued: 1 } }])

    const range = { from: at - 86_400_000, to: NOW }
    expect(await store.daysOfAgent(agent, range)).toEqual([])
    expect(await store.days(tenant, range)).toEqual([])
    expect(await store.totals(tenant)).toEqual({ queued: 1 })
  })
})
