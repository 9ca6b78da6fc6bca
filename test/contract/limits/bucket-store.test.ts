import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_SKEW_MS } from '#shared/limits/bucket.ts'
import type { BucketStore } from '#shared/limits/bucket-store.ts'
import { dynamoBucketStore } from '#shared/limits/dynamo-bucket-store.ts'
import { dynamoTenantGate } from '#shared/limits/dynamo-tenant-gate.ts'
import { memoryBucketStore } from '#shared/limits/memory-bucket-store.ts'
import { memoryTenantGate } from '#shared/limits/memory-tenant-gate.ts'
import { tenantBucketKey } from '#shared/limits/rate-keys.ts'
import type { TenantGate } from '#shared/limits/tenant-gate.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

type World = { buckets: BucketStore; gate: TenantGate }

const NOW = Date.parse('2026-11-21T09:30:00Z')
const rate = { limit: 100, windowMs: 60_000 }
/** What one request costs in time. */
const EACH_MS = 600

describe('buckets in memory', () =>
  bucketContract(() => {
    const gate = memoryTenantGate()
    return { gate, buckets: memoryBucketStore(gate) }
  }))

describe.each(dynamoBackends())('buckets on $name', ({ client, tables }) =>
  bucketContract(() => ({
    gate: dynamoTenantGate(client, tables.streams),
    buckets: dynamoBucketStore(client, tables.streams),
  })),
)

const newKey = () => tenantBucketKey(randomUUID())

function bucketContract(makeWorld: () => World): void {
  it('lets exactly as many of the requests at once pass as fit', async () => {
    const { buckets } = makeWorld()
    const key = newKey()

    const results = await Promise.all(Array.from({ length: 150 }, () => buckets.take(key, { rate, now: NOW })))

    expect(Map.groupBy(results, ({ result }) => result).get('taken')).toHaveLength(100)
  })

  it('says what is left, and refills with time', async () => {
    const { buckets } = makeWorld()
    const key = newKey()
    await buckets.take(key, { rate, now: NOW, requests: 100 })

    const refused = await buckets.take(key, { rate, now: NOW + EACH_MS - 1 })
    const passed = await buckets.take(key, { rate, now: NOW + EACH_MS })

    expect(refused).toEqual({ result: 'empty', wholeAt: (NOW + 60_000) * 1_000 })
    expect(passed).toEqual({ result: 'taken', wholeAt: (NOW + 60_000 + EACH_MS) * 1_000 })
    expect(await buckets.peek(key)).toBe((NOW + 60_000 + EACH_MS) * 1_000)
  })

  it('takes all of several requests or none', async () => {
    const { buckets } = makeWorld()
    const key = newKey()
    await buckets.take(key, { rate, now: NOW, requests: 95 })

    const results = [10, 5, 1].map((requests) => () => buckets.take(key, { rate, now: NOW, requests }))
    const taken: string[] = []
    for (const take of results) taken.push((await take()).result)

    expect(taken).toEqual(['empty', 'taken', 'empty'])
  })

  it('is not fooled by what the caller knew', async () => {
    const { buckets } = makeWorld()
    const key = newKey()
    const first = await buckets.take(key, { rate, now: NOW, requests: 99 })
    const stale = { rate, now: NOW, known: NOW * 1_000 - 5 }

    const results = [await buckets.take(key, stale), await buckets.take(key, stale)]

    expect(first.result).toBe('taken')
    expect(results.map(({ result }) => result)).toEqual(['taken', 'empty'])
  })

  it('gives nothing twice to clocks that differ', async () => {
    const { buckets } = makeWorld()
    const key = newKey()

    const results = await Promise.all(
      Array.from({ length: 150 }, (_, place) => buckets.take(key, { rate, now: NOW + (place % 2) * 5 * EACH_MS })),
    )

    const taken = results.filter(({ result }) => result === 'taken').length
    expect(taken).toBeGreaterThanOrEqual(100)
    expect(taken).toBeLessThanOrEqual(105)
  })

  it('gets over a clock that was far ahead', async () => {
    const { buckets } = makeWorld()
    const key = newKey()
    await buckets.take(key, { rate, now: NOW + 24 * 3_600_000, requests: 100 })

    const { result } = await buckets.take(key, { rate, now: NOW })

    expect(result).toBe('taken')
    expect(await buckets.peek(key)).toBeLessThan((NOW + MAX_SKEW_MS) * 1_000)
  })

  it('says that a tenant is closed, whatever there is in its bucket, and writes nothing', async () => {
    const { buckets, gate } = makeWorld()
    const [fresh, used] = [randomUUID(), randomUUID()]
    await buckets.take(tenantBucketKey(used), { rate, now: NOW })
    const before = await buckets.peek(tenantBucketKey(used))
    await Promise.all([gate.close(fresh), gate.close(used)])

    const results = await Promise.all([fresh, used].map((tenant) => buckets.take(tenantBucketKey(tenant), { rate, now: NOW })))

    expect(results).toEqual([{ result: 'closed' }, { result: 'closed' }])
    expect(await buckets.peek(tenantBucketKey(fresh))).toBeUndefined()
    expect(await buckets.peek(tenantBucketKey(used))).toBe(before)
    await gate.open(used)
    expect((await buckets.take(tenantBucketKey(used), { rate, now: NOW })).result).toBe('taken')
  })

  it('does what a bucket of tokens does, at every moment', async () => {
    const { buckets } = makeWorld()
    const step = fc.record({ pauseMs: fc.nat({ max: 20_000 }), requests: fc.integer({ min: 1, max: 60 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const key = newKey()
        let [now, tokens] = [NOW, 100 * EACH_MS]
        for (const { pauseMs, requests } of steps) {
          now += pauseMs
          tokens = Math.min(100 * EACH_MS, tokens + pauseMs)
          const { result } = await buckets.take(key, { rate, now, requests })
          expect(result).toBe(tokens >= requests * EACH_MS ? 'taken' : 'empty')
          if (result === 'taken') tokens -= requests * EACH_MS
        }
      }),
      { numRuns: 30 },
    )
  })
}
