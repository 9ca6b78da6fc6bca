import { describe, expect, it } from 'vitest'
import { percentile, sharedLatencies, WRITE_EVERY_MS } from '#shared/models/latencies.ts'
import { LATENCY_BOUNDS, type LatencyStore, noFigures } from '#shared/models/latency-store.ts'
import { memoryLatencyStore } from '#shared/models/memory-latency-store.ts'
import type { Measurement } from '#shared/models/with-metering.ts'

const KEY = { provider: 'openai', service: 'openai', model: 'gpt-4o' }
const HOUR_MS = 3_600_000
const took = (firstTokenMs: number | undefined): Measurement => ({
  firstTokenMs,
  durationMs: undefined,
  failed: false,
  costMicroUsd: 7,
})

function container(store: LatencyStore = memoryLatencyStore()) {
  let now = Date.parse('2026-11-21T09:00:00Z')
  const lost: unknown[] = []
  const latencies = sharedLatencies(store, { now: () => now }, (error) => lost.push(error))
  const pass = (ms: number): void => {
    now += ms
  }
  return { ...latencies, pass, lost, store, hours: () => store.list('acme', 0) }
}

describe('sharedLatencies', () => {
  it('writes the first call at once, and then what it gathered once in half a minute', async () => {
    const { record, pass, hours } = container()

    await record('acme', KEY, took(90))
    await record('acme', KEY, { firstTokenMs: undefined, durationMs: 9, failed: true, costMicroUsd: undefined })
    const before = await hours()
    pass(WRITE_EVERY_MS)
    await record('acme', KEY, took(120))

    expect(before.map(({ figures }) => figures.calls)).toEqual([1])
    expect((await hours()).map(({ figures }) => figures)).toEqual([
      { calls: 3, errors: 1, costMicroUsd: 14, counts: [1, 1, ...LATENCY_BOUNDS.slice(2).map(() => 0), 0] },
    ])
  })

  it('keeps tenants and hours apart', async () => {
    const { record, pass, hours, store } = container()

    await record('acme', KEY, took(90))
    await record('globex', KEY, took(90))
    pass(HOUR_MS)
    await record('acme', KEY, took(90))

    expect((await hours()).map(({ figures }) => figures.calls)).toEqual([1, 1])
    expect((await store.list('globex', 0)).map(({ figures }) => figures.calls)).toEqual([1])
  })

  it('knows the median of the last three hours, of one model', async () => {
    const store = memoryLatencyStore()
    const before = container(store)
    await before.record('acme', KEY, took(30_000))
    before.pass(4 * HOUR_MS)
    await before.record('acme', KEY, took(180))
    await before.record('acme', { ...KEY, model: 'slow' }, took(9_000))
    before.pass(WRITE_EVERY_MS)
    await before.record('acme', { ...KEY, model: 'slow' }, took(9_000))

    expect(await before.firstTokenMs('acme', KEY)).toBe(150)
    expect(await before.firstTokenMs('acme', { ...KEY, model: 'other' })).toBeUndefined()
  })

  it('lets calls go on without its store', async () => {
    const gone = async (): Promise<never> => {
      throw new Error('out of reach')
    }
    const { record, pass, firstTokenMs, lost } = container({ add: gone, list: gone })

    pass(WRITE_EVERY_MS)
    await record('acme', KEY, took(90))

    expect(await firstTokenMs('acme', KEY)).toBeUndefined()
    expect(lost).toHaveLength(2)
  })
})

describe('percentile', () => {
  const counted = (...counts: number[]) => ({ ...noFigures(), counts: noFigures().counts.map((_, index) => counts[index] ?? 0) })

  it.each([
    ['nothing without calls', counted(), 0.5, undefined],
    ['a share of the first bucket', counted(10), 0.5, 50],
    ['the end of a bucket', counted(5, 5), 0.5, 100],
    ['a place in a later bucket', counted(5, 5), 0.9, 180],
    ['the last bound for what is greater than all', { ...noFigures(), counts: noFigures().counts.with(-1, 3) }, 0.5, 30_000],
  ])('is %s', (_, figures, share, expected) => {
    expect(percentile(figures, share)).toBe(expected)
  })
})
