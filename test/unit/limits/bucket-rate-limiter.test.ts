import { describe, expect, it } from 'vitest'
import { bucketRateLimiter } from '#shared/limits/bucket-rate-limiter.ts'
import type { BucketStore } from '#shared/limits/bucket-store.ts'
import { memoryBucketStore } from '#shared/limits/memory-bucket-store.ts'
import { memoryTenantGate } from '#shared/limits/memory-tenant-gate.ts'
import type { Allowance } from '#shared/limits/rate-limiter.ts'
import { ForbiddenError } from '#shared/platform/errors.ts'
import { memoryLog } from '#shared/platform/log.ts'

const ada = { tenant: 'acme', subject: 'ada' }

function limits({
  principal = 100,
  tenant = 1_000,
  buckets,
}: {
  principal?: number
  tenant?: number
  buckets?: BucketStore
} = {}) {
  const time = { now: Date.parse('2026-11-21T09:30:00Z') }
  const clock = { now: () => time.now }
  const [log, gate] = [memoryLog(), memoryTenantGate()]
  const store = memoryBucketStore(gate)
  const container = () =>
    bucketRateLimiter({
      buckets: buckets ?? store,
      clock,
      log,
      requestsPerMinute: principal,
      tenantRequestsPerMinute: tenant,
    })
  return { time, log, gate, store, container, limiter: container() }
}

type Limiter = ReturnType<typeof limits>['limiter']

/** What became of so many requests, one after the other: how many passed, and the last refusal. */
async function send(limiter: Limiter, count: number, principal = ada) {
  let passed = 0
  let refusal: unknown
  let last: Allowance | undefined
  for (let sent = 0; sent < count; sent++) {
    try {
      last = await limiter.take(principal)
      passed++
    } catch (error) {
      refusal = error
    }
  }
  return { passed, refusal, last }
}

describe('bucketRateLimiter', () => {
  it('asks for a short wait also where the bucket refilled while it was asked', async () => {
    const { time, store } = limits()
    const slow: BucketStore = {
      ...store,
      async take(key, terms) {
        const taken = await store.take(key, terms)
        if (taken.result === 'empty') time.now += 700
        return taken
      },
    }
    const limiter = bucketRateLimiter({
      buckets: slow,
      clock: { now: () => time.now },
      log: memoryLog(),
      requestsPerMinute: 100,
      tenantRequestsPerMinute: 1_000,
    })

    const { refusal } = await send(limiter, 101)

    expect(refusal).toMatchObject({ retryAfterSeconds: 1, allowance: { remaining: 0, resetAfter: 1 } })
  })

  it('refuses the 101st request, and says when the next one may come', async () => {
    const { limiter } = limits()

    const { passed, refusal } = await send(limiter, 101)

    expect(passed).toBe(100)
    expect(refusal).toMatchObject({
      code: 'rate_limit',
      retryable: true,
      retryAfterSeconds: 1,
      allowance: { policy: 'principal', limit: 100, window: 60, remaining: 0, resetAfter: 1 },
    })
  })

  it('says what is left', async () => {
    const { limiter } = limits()

    const { last } = await send(limiter, 50)

    expect(last).toEqual({ policy: 'principal', limit: 100, window: 60, remaining: 50, resetAfter: 30 })
  })

  it('keeps each caller to a bucket of its own, also where tenants have callers of one name', async () => {
    const { limiter } = limits()
    await send(limiter, 100)

    const others = await Promise.all([
      limiter.take({ tenant: 'acme', subject: 'bob' }),
      limiter.take({ tenant: 'globex', subject: 'ada' }),
    ])

    expect(others.map((allowance) => allowance?.remaining)).toEqual([99, 99])
  })

  it('keeps a tenant to its rate, whoever asks', async () => {
    const { limiter } = limits({ tenant: 150 })

    await send(limiter, 100)
    const { passed, refusal } = await send(limiter, 60, { tenant: 'acme', subject: 'bob' })

    expect(passed).toBe(50)
    expect(refusal).toMatchObject({ code: 'rate_limit', allowance: { policy: 'tenant', limit: 150, remaining: 0 } })
  })

  it('gives a tenant no more than its rate in several containers, and little less', async () => {
    const { container } = limits({ principal: 10_000, tenant: 1_000 })
    const containers = Array.from({ length: 4 }, container)

    const results = []
    for (let turn = 0; turn < 30; turn++) for (const limiter of containers) results.push(await send(limiter, 10))
    const passed = results.reduce((sum, result) => sum + result.passed, 0)

    expect(passed).toBeLessThanOrEqual(1_000)
    expect(passed).toBeGreaterThan(1_000 - 4 * 20)
  })

  it('takes a limit of the caller in place of the one for everybody', async () => {
    const { limiter } = limits()

    const allowance = await limiter.take(ada, 7)

    expect(allowance).toMatchObject({ limit: 7, remaining: 6 })
  })

  it('writes little more than once a request when it is busy, and not at all for who does not stop', async () => {
    const { limiter, store } = limits()
    await send(limiter, 100)
    const busy = store.takes

    await send(limiter, 1_000)

    // One for each request, and leases of 1, 2, 4, 8, 16, 20, 20, 20 and 20.
    expect(busy).toBe(100 + 9)
    expect(store.takes).toBe(busy)
  })

  it('takes nothing from the tenant for a request that its caller has not', async () => {
    const { limiter } = limits({ principal: 10, tenant: 20 })
    await send(limiter, 500)

    const { passed } = await send(limiter, 20, { tenant: 'acme', subject: 'bob' })

    expect(passed).toBe(10)
  })

  it('lets nobody of a closed tenant in, and leaves no trace of who asked', async () => {
    const { limiter, gate, store, time } = limits()
    await gate.close('acme')

    await expect(limiter.take(ada)).rejects.toBeInstanceOf(ForbiddenError)
    expect(await limiter.allowances(ada)).toMatchObject([{ remaining: 100 }, { remaining: 1_000 }])
    expect(store.takes).toBe(1)
    await gate.open('acme')
    time.now += 1
    expect(await limiter.take(ada)).toMatchObject({ remaining: 99 })
  })

  it('notices within five seconds that a tenant was closed', async () => {
    const { limiter, gate, time } = limits()
    await send(limiter, 2)
    await gate.close('acme')
    time.now += 5_000

    await expect(limiter.take(ada)).rejects.toBeInstanceOf(ForbiddenError)
  })

  it('lets everybody pass when the buckets are out of reach, and says so', async () => {
    const broken = async () => Promise.reject(new Error('no table'))
    const { limiter, log } = limits({ buckets: { take: broken, peek: broken } })

    const allowance = await limiter.take(ada)

    expect(allowance).toBeUndefined()
    expect(log.lines).toMatchObject([{ level: 'warn', code: 'rate_limit_open', fields: { tenant: 'acme' } }])
  })

  it('does not wait for buckets that do not answer', async () => {
    const { promise } = Promise.withResolvers<never>()
    const { limiter, log } = limits({ buckets: { take: () => promise, peek: () => promise } })

    expect(await limiter.take(ada)).toBeUndefined()
    expect(log.lines).toHaveLength(1)
  })
})
