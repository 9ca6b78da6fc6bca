import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { type Breaker, WHOLE } from '#shared/models/breaker.ts'
import type { BreakerKey, BreakerStore } from '#shared/models/breaker-store.ts'
import { dynamoBreakerStore } from '#shared/models/dynamo-breaker-store.ts'
import { dynamoLatencyStore } from '#shared/models/dynamo-latency-store.ts'
import { dynamoResponseCacheStore } from '#shared/models/dynamo-response-cache-store.ts'
import { type LatencyStore, noFigures } from '#shared/models/latency-store.ts'
import { memoryBreakerStore } from '#shared/models/memory-breaker-store.ts'
import { memoryLatencyStore } from '#shared/models/memory-latency-store.ts'
import { memoryResponseCacheStore } from '#shared/models/memory-response-cache-store.ts'
import type { ResponseCacheStore } from '#shared/models/response-cache-store.ts'
import { HOUR_MS } from '#shared/platform/clock.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

type Stores = { breakers: BreakerStore; latencies: LatencyStore; cache: ResponseCacheStore }

/** On the hour, in the future: nothing of it expires while the test runs. */
const NOW = Date.parse('2036-11-21T09:00:00Z')

describe('stores around model calls in memory', () =>
  contract(() => ({ breakers: memoryBreakerStore(), latencies: memoryLatencyStore(), cache: memoryResponseCacheStore() })))

describe.each(dynamoBackends())('stores around model calls on $name', ({ client, tables }) =>
  contract(() => ({
    breakers: dynamoBreakerStore(client, tables.streams),
    latencies: dynamoLatencyStore(client, tables.streams),
    cache: dynamoResponseCacheStore(client, tables.streams),
  })),
)

function contract(makeStores: () => Stores): void {
  const newTenant = (): string => `t-${randomUUID()}`
  const keyOf = (tenant: string): BreakerKey => ({ tenant, provider: 'openai', service: 'openai-eu', model: 'ft:gpt#4o' })
  const opened: Breaker = { failures: 5, failingSince: NOW - 6_000, failedAt: NOW, successes: 0, openUntil: NOW + 60_000 }

  it('has whole breakers until something is written', async () => {
    const { breakers } = makeStores()
    const tenant = newTenant()

    expect(await breakers.get(keyOf(tenant))).toEqual({ breaker: WHOLE, revision: 0 })
    expect(await breakers.list(tenant)).toEqual([])
  })

  it('writes a breaker over the revision that was read, and tells who came second what is there', async () => {
    const { breakers } = makeStores()
    const key = keyOf(newTenant())

    const first = await breakers.put(key, opened, 0, NOW)
    const second = await breakers.put(key, WHOLE, 0, NOW)
    const third = await breakers.put(key, { ...opened, probeUntil: NOW + 1 }, 1, NOW)
    const fourth = await breakers.put(key, opened, 1, NOW)

    expect(first).toEqual({ breaker: opened, revision: 1, written: true })
    expect(second).toEqual({ breaker: opened, revision: 1, written: false })
    expect(third.written).toBe(true)
    expect(fourth).toEqual({ breaker: { ...opened, probeUntil: NOW + 1 }, revision: 2, written: false })
  })

  it('lets one of many writers at once be first', async () => {
    const { breakers } = makeStores()
    const key = keyOf(newTenant())

    const results = await Promise.all(Array.from({ length: 12 }, () => breakers.put(key, opened, 0, NOW)))

    expect(results.filter(({ written }) => written)).toHaveLength(1)
  })

  it('drops what a breaker has no more', async () => {
    const { breakers } = makeStores()
    const key = keyOf(newTenant())
    await breakers.put(key, { ...opened, probeUntil: NOW }, 0, NOW)

    await breakers.put(key, { ...WHOLE, probeUntil: undefined }, 1, NOW)

    expect((await breakers.get(key)).breaker).toEqual(WHOLE)
  })

  it("lists a tenant's own breakers alone", async () => {
    const { breakers } = makeStores()
    const [tenant, other] = [newTenant(), newTenant()]
    await breakers.put(keyOf(tenant), opened, 0, NOW)

    expect(await breakers.list(tenant)).toEqual([{ key: keyOf(tenant), breaker: opened, revision: 1 }])
    expect(await breakers.list(other)).toEqual([])
  })

  it('adds up the hours of each model, and lists those of the last ones', async () => {
    const { latencies } = makeStores()
    const tenant = newTenant()
    const key = { provider: 'ollama', service: 'ollama', model: 'llama2:13b#q' }
    const counts = noFigures().counts.with(3, 1)
    const figures = { calls: 1, errors: 1, costMicroUsd: 7, counts }
    await latencies.add(tenant, [{ key, hour: NOW - 2 * HOUR_MS, figures }])
    await latencies.add(tenant, [{ key, hour: NOW, figures }])
    await latencies.add(tenant, [
      { key, hour: NOW, figures },
      { key: { ...key, model: 'free' }, hour: NOW, figures: { ...figures, errors: 0, costMicroUsd: 0 } },
      { key: { ...key, model: 'mistral' }, hour: NOW, figures: { calls: 1, errors: 0, counts } },
    ])

    const hours = await latencies.list(tenant, NOW - HOUR_MS)

    expect(hours).toHaveLength(3)
    expect(hours).toContainEqual({
      key,
      hour: NOW,
      figures: { calls: 2, errors: 2, costMicroUsd: 14, counts: counts.with(3, 2) },
    })
    // A price of nothing is a price.
    const one = { calls: 1, errors: 0, counts }
    expect(hours).toContainEqual({ key: { ...key, model: 'free' }, hour: NOW, figures: { ...one, costMicroUsd: 0 } })
    expect(hours.find(({ key: { model } }) => model === 'mistral')?.figures).toStrictEqual(one)
    expect(await latencies.list(newTenant(), 0)).toEqual([])
  })

  const events: LlmEvent[] = [
    { type: 'model', provider: 'openai', model: 'gpt' },
    { type: 'text', text: 'Twice ' },
    { type: 'text', text: 'a day. 🌊' },
    { type: 'usage', inputTokens: 5, outputTokens: 4, costMicroUsd: 3 },
    { type: 'stop', reason: 'end' },
  ]

  it('keeps an answer for its time, for its tenant', async () => {
    const { cache } = makeStores()
    const key = { tenant: newTenant(), hash: 'a'.repeat(64) }
    await cache.put(key, events, NOW + 1_000)

    expect(await cache.get(key, NOW)).toEqual(events)
    expect(await cache.get(key, NOW + 1_000)).toBeUndefined()
    expect(await cache.get({ ...key, hash: 'b'.repeat(64) }, NOW)).toBeUndefined()
    expect(await cache.get({ ...key, tenant: newTenant() }, NOW)).toBeUndefined()
  })
}
