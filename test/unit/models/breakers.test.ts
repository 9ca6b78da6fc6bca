import { describe, expect, it } from 'vitest'
import { WHOLE } from '#shared/models/breaker.ts'
import { sharedBreakers } from '#shared/models/breakers.ts'
import { memoryBreakerStore } from '#shared/models/memory-breaker-store.ts'

const KEY = { tenant: 'acme', provider: 'openai', service: 'openai' }
const NOW = Date.parse('2026-11-21T09:00:00Z')

/** Containers that share a breaker, which is half open. */
async function halfOpen(containers: number) {
  let now = NOW
  const clock = { now: () => now }
  const store = memoryBreakerStore()
  await store.put(KEY, { failures: 5, failedAt: NOW - 61_000, successes: 0, openUntil: NOW - 1 }, 0, now)
  const fail = (error: unknown): never => {
    throw error
  }
  const pass = (ms: number): void => {
    now += ms
  }
  return { store, pass, breakers: Array.from({ length: containers }, () => sharedBreakers(store, clock, fail)) }
}

describe('sharedBreakers', () => {
  it('lets one probe of ten containers pass at a time', async () => {
    const { breakers } = await halfOpen(10)

    const entries = await Promise.all(breakers.map((each) => each.enter(KEY)))

    expect(entries.filter(({ result }) => result === 'passed')).toHaveLength(1)
  })

  it('takes the next probe when the one before told nothing, or its container died', async () => {
    const { breakers, pass } = await halfOpen(3)
    const [one, two, three] = breakers
    const first = await one?.enter(KEY)
    if (first?.result !== 'passed') throw new Error('the first passes')
    await first.end('nothing')

    expect((await two?.enter(KEY))?.result).toBe('passed')
    expect((await three?.enter(KEY))?.result).toBe('open')
    pass(60_001)
    expect((await three?.enter(KEY))?.result).toBe('passed')
  })

  it('counts failures of many containers at once, and none twice', async () => {
    const clock = { now: () => NOW }
    const store = memoryBreakerStore()
    const containers = Array.from({ length: 4 }, () => sharedBreakers(store, clock, (error) => expect.fail(String(error))))
    const entries = await Promise.all(containers.map((each) => each.enter(KEY)))

    await Promise.all(entries.map(async (entry) => (entry.result === 'passed' ? entry.end('failure') : undefined)))

    expect((await store.get(KEY)).breaker).toMatchObject({ failures: 4 })
    expect((await store.get(KEY)).breaker.openUntil).toBeUndefined()
  })

  it('forgets failures when something goes well', async () => {
    const store = memoryBreakerStore()
    const breakers = sharedBreakers(store, { now: () => NOW }, (error) => expect.fail(String(error)))
    for (const how of ['failure', 'failure', 'success'] as const) {
      const entry = await breakers.enter(KEY)
      if (entry.result === 'passed') await entry.end(how)
    }

    expect((await store.get(KEY)).breaker).toEqual(WHOLE)
  })
})
