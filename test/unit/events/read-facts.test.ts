import { describe, expect, it, vi } from 'vitest'
import { readFacts } from '#shared/events/read-facts.ts'
import type { LifecycleEventType } from '#shared/protocol/lifecycle-event.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { LOG_TTL_SECONDS } from '#shared/streams/stream-keys.ts'
import { aFact, toldAt } from '../../helpers/facts.ts'

const START = Date.parse('2026-11-21T09:00:00Z')
const minute = (minutes: number): string => new Date(START + minutes * 60_000).toISOString()
const all = { tenant: 'acme', after: -1, limit: 100 }

type Told = { type?: LifecycleEventType; time?: string; toldAt?: string; channel?: string; tenant?: string }

/** A log with these facts, one a minute where no time is given. */
async function logWith(facts: Told[]) {
  let now = START
  const log = memoryStreamLog({ now: () => now })
  for (const [index, told] of facts.entries()) {
    const { type = 'execution.started', time = minute(index), channel = 'all', tenant = 'acme' } = told
    const fact = aFact({ id: `f-${index}`, type, time })
    await log.appendNext({ tenant, channel }, [toldAt(fact, told.toldAt ?? time)])
  }
  const pass = (seconds: number): void => {
    now += seconds * 1_000
  }
  return { log, pass }
}

const sequencesOf = async (...[log, query]: Parameters<typeof readFacts>): Promise<number[]> =>
  (await readFacts(log, query)).events.map(({ sequence }) => sequence)

describe('readFacts', () => {
  it('gives pages, and stays where there is nothing more', async () => {
    const { log } = await logWith([{}, {}, {}])

    const first = await readFacts(log, { ...all, limit: 2 })
    const second = await readFacts(log, { ...all, after: first.next })

    expect(first).toMatchObject({ events: [{ sequence: 0 }, { sequence: 1 }], next: 1 })
    expect(second).toMatchObject({ events: [{ sequence: 2 }], next: 2 })
    expect(await readFacts(log, { ...all, after: 2 })).toEqual({ events: [], next: 2 })
  })

  it('filters by type, by the beginning of types, and by agent', async () => {
    const { log } = await logWith([
      { type: 'agent.paused' },
      { type: 'execution.started' },
      { type: 'agent.resumed' },
      { type: 'agent.paused', channel: 'agent:assistant' },
    ])

    expect(await sequencesOf(log, { ...all, type: 'agent.' })).toEqual([0, 2])
    expect(await sequencesOf(log, { ...all, type: 'agent.paused' })).toEqual([0])
    expect(await sequencesOf(log, { ...all, agentId: 'assistant' })).toEqual([0])
    expect(await sequencesOf(log, { ...all, agentId: 'other' })).toEqual([])
  })

  it('moves on though nothing matched', async () => {
    const { log } = await logWith([{}, {}, { type: 'agent.paused' }])

    expect(await readFacts(log, { ...all, type: 'message.' })).toEqual({ events: [], next: 2 })
  })

  it('looks at so many events a call, and says where to go on', async () => {
    const { log } = await logWith([])
    const ref = { tenant: 'acme', channel: 'all' }
    for (let entry = 0; entry < 6_000 / 16; entry++) {
      const facts = Array.from({ length: 16 }, (_, index) => toldAt(aFact({ id: `${entry}-${index}` }), minute(0)))
      await log.appendNext(ref, facts)
    }

    const { events, next } = await readFacts(log, { ...all, type: 'agent.' })

    expect(events).toEqual([])
    expect(next).toBe(4_999)
    expect(await readFacts(log, { ...all, type: 'agent.', after: next })).toEqual({ events: [], next: 5_999 })
  })

  it('gives what happened since a time, without reading what was before', async () => {
    const { log } = await logWith(Array.from({ length: 1_000 }, () => ({})))
    const read = vi.spyOn(log, 'read')

    const { events } = await readFacts(log, { ...all, since: Date.parse(minute(990)) })

    expect(events.map(({ sequence }) => sequence)).toEqual([990, 991, 992, 993, 994, 995, 996, 997, 998, 999])
    expect(read.mock.calls.length).toBeLessThan(15)
  })

  it('since a time finds what was told late, and out of order', async () => {
    const { log } = await logWith([
      { time: minute(0), toldAt: minute(0) },
      { time: minute(9), toldAt: minute(9) },
      { time: minute(2), toldAt: minute(10) },
      { time: minute(10), toldAt: minute(11) },
      { time: minute(9.9), toldAt: minute(10.5) },
    ])

    expect(await sequencesOf(log, { ...all, since: Date.parse(minute(9)) })).toEqual([1, 3, 4])
    expect(await sequencesOf(log, { ...all, since: Date.parse(minute(60)) })).toEqual([])
    expect(await sequencesOf(log, { ...all, since: 0 })).toEqual([0, 1, 2, 3, 4])
  })

  it('since a time goes on from the cursor', async () => {
    const { log } = await logWith(Array.from({ length: 20 }, () => ({})))
    const query = { ...all, since: Date.parse(minute(10)), limit: 3 }

    const { next } = await readFacts(log, query)

    expect(await sequencesOf(log, { ...query, after: next })).toEqual([13, 14, 15])
  })

  it('knows no time before what has expired', async () => {
    const { log, pass } = await logWith([{}, {}])
    pass(LOG_TTL_SECONDS)
    await log.appendNext({ tenant: 'acme', channel: 'all' }, [toldAt(aFact({ id: 'new', time: minute(2_000) }), minute(2_000))])

    expect(await sequencesOf(log, { ...all, since: Date.parse(minute(1)) })).toEqual([2])
    expect(await sequencesOf(log, all)).toEqual([2])
  })

  it('shows nothing of another tenant', async () => {
    const { log } = await logWith([{ tenant: 'globex' }, { tenant: 'globex', channel: 'agent:assistant' }])

    expect(await sequencesOf(log, all)).toEqual([])
    expect(await sequencesOf(log, { ...all, agentId: 'assistant' })).toEqual([])
  })
})
