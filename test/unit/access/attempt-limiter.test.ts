import { describe, expect, it } from 'vitest'
import { attemptLimiter } from '#shared/access/attempt-limiter.ts'
import { memoryFailedAttempts } from '#shared/access/memory-failed-attempts.ts'

const NOW = Date.parse('2026-11-21T09:30:15Z')

/** Containers over one store. */
function world(perMinute = 3) {
  const time = { now: NOW }
  const store = memoryFailedAttempts()
  const writes: string[] = []
  const counted = {
    add: (address: string, minute: number) => {
      writes.push(address)
      return store.add(address, minute)
    },
  }
  const container = () => attemptLimiter(counted, { perMinute, clock: { now: () => time.now } })
  return { time, writes, container }
}

const refusals = async (limiter: ReturnType<typeof attemptLimiter>, address: string, times: number) => {
  const results = []
  for (let index = 0; index < times; index += 1) {
    const failed = await limiter.fail(address).then(
      () => undefined,
      (error) => error,
    )
    results.push(failed?.code)
  }
  return results
}

describe('attemptLimiter', () => {
  it('says "later" beyond its limit, until the minute is over', async () => {
    const { container, time } = world()
    const limiter = container()

    expect(await refusals(limiter, '192.0.2.1', 5)).toEqual([undefined, undefined, undefined, 'rate_limit', 'rate_limit'])
    await expect(limiter.fail('192.0.2.1')).rejects.toMatchObject({ status: 429, retryAfterSeconds: 45 })
    time.now += 45_000
    expect(await refusals(limiter, '192.0.2.1', 1)).toEqual([undefined])
  })

  it('is one limit for all containers', async () => {
    const { container } = world()
    const [one, other] = [container(), container()]

    expect(await refusals(one, '192.0.2.1', 3)).toEqual([undefined, undefined, undefined])
    expect(await refusals(other, '192.0.2.1', 1)).toEqual(['rate_limit'])
  })

  it('costs no more writes than its limit allows, and one', async () => {
    const { container, writes } = world()

    await refusals(container(), '192.0.2.1', 1_000)
    expect(writes).toHaveLength(4)
  })

  it('tells addresses apart, and takes a network of IPv6 for one', async () => {
    const { container } = world(1)
    const limiter = container()

    expect(await refusals(limiter, '192.0.2.1', 1)).toEqual([undefined])
    expect(await refusals(limiter, '192.0.2.2', 1)).toEqual([undefined])
    expect(await refusals(limiter, '2001:db8:0:1::1', 1)).toEqual([undefined])
    expect(await refusals(limiter, '2001:db8::1:ffff:0:0:2', 1)).toEqual(['rate_limit'])
    expect(await refusals(limiter, '2001:0db8:0000:0002::1', 1)).toEqual([undefined])
  })

  it('makes no failure another one when its store does not answer', async () => {
    const broken = { add: () => Promise.reject(new Error('the table is gone')) }
    const limiter = attemptLimiter(broken, { perMinute: 1, clock: { now: () => NOW } })

    expect(await refusals(limiter, '192.0.2.1', 3)).toEqual([undefined, undefined, undefined])
  })
})
