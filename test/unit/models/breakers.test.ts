import { describe, expect, it } from 'vitest'
import { OPEN_MS, WHOLE } from '#shared/models/breaker.ts'
import type { BreakerKey } from '#shared/models/breaker-store.ts'
import { type BreakerListener, type Breakers, type Pass, sharedBreakers } from '#shared/models/breakers.ts'
import { memoryBreakerStore } from '#shared/models/memory-breaker-store.ts'

const KEY = { tenant: 'acme', provider: 'openai', service: 'openai', model: 'gpt-4o' }
const NOW = Date.parse('2026-11-21T09:00:00Z')

/** Containers that share a breaker, which is half open. */
async function halfOpen(containers: number) {
  let now = NOW
  const clock = { now: () => now }
  const store = memoryBreakerStore()
  await store.put(
    KEY,
    { failures: 5, failingSince: NOW - 70_000, failedAt: NOW - 61_000, successes: 0, openUntil: NOW - 1 },
    0,
    now,
  )
  const listener = {
    onLost(error: unknown): never {
      throw error
    },
    onOpened: () => undefined,
  }
  const pass = (ms: number): void => {
    now += ms
  }
  return { store, pass, breakers: Array.from({ length: containers }, () => sharedBreakers(store, clock, listener)) }
}

/** Containers that share a breaker, which is whole. */
function containers(count: number) {
  let now = NOW
  const store = memoryBreakerStore()
  const opened: { key: BreakerKey; until: number }[] = []
  const listener: BreakerListener = {
    onLost: (error) => expect.fail(String(error)),
    onOpened: (key, until) => opened.push({ key, until }),
  }
  const make = () => sharedBreakers(store, { now: () => now }, listener)
  const enter = async (breakers: Breakers): Promise<Pass> => {
    const entry = await breakers.enter(KEY)
    return entry.result === 'passed' ? entry : expect.fail('it is open')
  }
  return {
    store,
    opened,
    pass: (ms: number): void => {
      now += ms
    },
    enters: Array.from({ length: count }, make).map((breakers) => () => enter(breakers)),
  }
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
    const { store, enters } = containers(4)
    const passes = await Promise.all(enters.map((enter) => enter()))

    await Promise.all(passes.map((each) => each.end('failure')))

    expect((await store.get(KEY)).breaker).toMatchObject({ failures: 4 })
    expect((await store.get(KEY)).breaker.openUntil).toBeUndefined()
  })

  it('opens for failures in a row of all containers, once others had the time to end the row', async () => {
    const { store, enters, opened, pass } = containers(10)
    const fail = async (enter: () => Promise<Pass>) => (await enter()).end('failure')

    for (const enter of enters) await fail(enter)
    const atOnce = (await store.get(KEY)).breaker
    pass(5_000)
    for (const enter of enters.slice(0, 1)) await fail(enter)

    expect(atOnce).toMatchObject({ failures: 10 })
    expect(atOnce.openUntil).toBeUndefined()
    expect((await store.get(KEY)).breaker.openUntil).toBe(NOW + 65_000)
    expect(opened).toEqual([{ key: KEY, until: NOW + 65_000 }])
  })

  it('says once that it opens, however many fail at once, and again when a probe fails', async () => {
    const { enters, opened, pass } = containers(10)
    const failAll = async () => {
      const passes = await Promise.all(enters.map((enter) => enter()))
      await Promise.all(passes.map((each) => each.end('failure')))
    }

    await failAll()
    pass(5_000)
    await failAll()
    expect(opened).toHaveLength(1)
    pass(OPEN_MS)
    const [probe] = enters
    await (await probe?.())?.end('failure')

    expect(opened.map(({ until }) => until - NOW)).toEqual([5_000 + OPEN_MS, 5_000 + 2 * OPEN_MS])
  })

  it('says nothing where it does not open', async () => {
    const { enters, opened } = containers(4)

    for (const how of ['failure', 'success', 'failure', 'nothing'] as const) {
      for (const enter of enters) await (await enter()).end(how)
    }

    expect(opened).toEqual([])
  })

  it('stays closed when five of fifty answers of 20 seconds fail, one after the other', async () => {
    const { store, enters, pass } = containers(50)
    const running = new Map<number, Pass>()
    let answers = 0

    for (let second = 0; second < 120; second++) {
      for (const [index, enter] of enters.entries()) {
        if (index % 20 !== second % 20) continue
        const ended = running.get(index)
        if (ended) await ended.end(answers++ % 50 < 5 ? 'failure' : 'success')
        running.set(index, await enter())
      }
      pass(1_000)
    }

    expect(answers).toBeGreaterThan(200)
    expect((await store.get(KEY)).breaker.openUntil).toBeUndefined()
  })

  it('forgets failures when something goes well', async () => {
    const { store, enters } = containers(1)
    for (const how of ['failure', 'failure', 'success'] as const) {
      for (const enter of enters) await (await enter()).end(how)
    }

    expect((await store.get(KEY)).breaker).toEqual(WHOLE)
  })
})
