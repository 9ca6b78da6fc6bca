import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sleep, systemClock } from '#shared/platform/clock.ts'
import { executionChannel, topicChannel } from '#shared/protocol/channel.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from '#shared/streams/channel-ref.ts'
import { type FollowRequest, followStream } from '#shared/streams/follow-stream.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import { answer, chunk, executionEvents, topicEvent } from '../../helpers/execution-events.ts'
import { never } from '../../helpers/llm.ts'
import { aChunk } from '../../helpers/streams.ts'

const REF = { tenant: 'acme', channel: executionChannel('e1') }
const TOPIC = { tenant: 'acme', channel: topicChannel('news') }

/** A log that can be appended to an event at a time, and counts its reads. Like a table, it finds entries by their first event. */
function countingLog() {
  const log = memoryStreamLog()
  const reads: { after: number; at: number; betweenEntries: boolean }[] = []
  return {
    ...log,
    reads,
    async read(ref: ChannelRef, after: number, limit?: number, betweenEntries = false) {
      reads.push({ after, at: Date.now(), betweenEntries })
      const events = await log.read(ref, after, limit)
      return betweenEntries && !log.has(ref, after + 1) ? [] : events
    },
    async appendAll(events: readonly StreamEvent[], ref: ChannelRef = REF) {
      for (const event of events) await log.append(ref, [event])
    },
  }
}

const follow = (log: Pick<StreamLog, 'read' | 'lastSequence'>, overrides: Partial<FollowRequest> = {}) =>
  followStream({ log, clock: systemClock }, { ref: REF, after: -1, ended: false, signal: never(), ...overrides })

async function sequences(batches: AsyncIterable<StreamEvent[]>, into: number[] = []): Promise<number[]> {
  for await (const events of batches) into.push(...events.map((event) => event.sequence))
  return into
}

describe('followStream', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each([
    [-1, [0, 1, 2, 3]],
    [1, [2, 3]],
    [2, [3]],
  ])('replays what stands behind cursor %i and ends after the terminal event', async (after, expected) => {
    const log = countingLog()
    await log.appendAll(answer(['a', 'b']))

    expect(await sequences(follow(log, { after }))).toEqual(expected)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('replays more than a page without a pause', async () => {
    const log = countingLog()
    await log.appendAll(answer(Array.from({ length: 450 }, String)))

    const seen = await sequences(follow(log))

    expect(seen).toEqual(Array.from({ length: 452 }, (_, sequence) => sequence))
    expect(log.reads.map(({ after }) => after)).toEqual([-1, 199, 399])
  })

  it('goes on with what is appended, whenever it comes', async () => {
    const log = countingLog()
    const events = answer(['a', 'b', 'c'])
    const seen: number[] = []
    const following = sequences(follow(log), seen)

    for (const event of events) {
      await log.appendAll([event])
      await vi.advanceTimersByTimeAsync(1_000)
      expect(seen.at(-1)).toBe(event.sequence)
    }

    expect(await following).toEqual([0, 1, 2, 3, 4])
  })

  it('sees what ends a silence late by an eighth of it, and by two seconds at the most', async () => {
    const log = countingLog()
    const abort = new AbortController()
    const seen: number[] = []
    const following = sequences(follow(log, { signal: abort.signal }), seen)

    for (const [sequence, silence] of [1_000, 4_000, 8_000, 30_000].entries()) {
      await vi.advanceTimersByTimeAsync(silence)
      await log.appendAll(executionEvents([chunk('a')], 'e1', sequence))
      await vi.advanceTimersByTimeAsync(Math.min(2_000, silence / 8 + 1))
      expect(seen.at(-1)).toBe(sequence)
    }
    abort.abort()
    await following
  })

  describe('reads of the log', () => {
    /** Looks within a minute of a writer that appends every so many milliseconds, and how late the follower sees it. */
    async function minuteOf(windowMs: number) {
      const log = countingLog()
      const abort = new AbortController()
      const delays: number[] = []
      const appended: number[] = []
      const following = (async () => {
        for await (const events of follow(log, { signal: abort.signal }))
          for (const { sequence } of events) delays.push(Date.now() - (appended[sequence] ?? 0))
      })()
      for (let sequence = 0; sequence < 60_000 / windowMs; sequence++) {
        await vi.advanceTimersByTimeAsync(windowMs)
        appended.push(Date.now())
        await log.appendAll(executionEvents([chunk('a')], 'e1', sequence))
      }
      abort.abort()
      await following
      return { perSecond: log.reads.length / 60, delayMs: delays.reduce((sum, delay) => sum + delay, 0) / delays.length }
    }

    it.each([
      [150, 8, 100],
      [250, 5.5, 70],
      [500, 3.5, 70],
    ])(
      'follow the rhythm of a writer: one every %i ms is looked for %i times a second at the most',
      async (windowMs, reads, delayMs) => {
        const measured = await minuteOf(windowMs)

        expect(measured.perSecond).toBeLessThanOrEqual(reads)
        expect(measured.delayMs).toBeLessThanOrEqual(delayMs)
      },
    )

    it('are one every two seconds while nothing comes', async () => {
      const log = countingLog()
      const abort = new AbortController()
      const following = sequences(follow(log, { signal: abort.signal }))

      await vi.advanceTimersByTimeAsync(20_000)
      const before = log.reads.length
      await vi.advanceTimersByTimeAsync(60_000)

      expect(log.reads.length - before).toBe(30)
      abort.abort()
      await following
    })

    it('begin at the next entry once the cursor is known to stand behind one, and before it where it is not', async () => {
      const log = countingLog()
      await log.append(REF, executionEvents([chunk('a'), chunk('b'), chunk('c')]))
      const abort = new AbortController()
      const [within, behind] = [follow(log, { after: 0 }), follow(log, { after: 2, signal: abort.signal })]

      const first = await within.next()
      const idle = behind.next()
      await vi.advanceTimersByTimeAsync(1_000)
      await log.append(REF, executionEvents([chunk('d'), chunk('e')], 'e1', 3))
      await vi.advanceTimersByTimeAsync(1_000)

      expect((first.value ?? []).map(({ sequence }) => sequence)).toEqual([1, 2])
      expect(((await idle).value ?? []).map(({ sequence }) => sequence)).toEqual([3, 4])
      expect(log.reads.filter(({ betweenEntries }) => !betweenEntries)).toHaveLength(2)
      abort.abort()
    })

    it('look back for whoever claims a cursor that nobody has given', async () => {
      const log = countingLog()
      const abort = new AbortController()
      const following = sequences(follow(log, { after: 1, signal: abort.signal }))

      await vi.advanceTimersByTimeAsync(1_000)
      await log.append(REF, executionEvents([chunk('a'), chunk('b'), chunk('c')]))
      await vi.advanceTimersByTimeAsync(1_000)
      abort.abort()

      expect(await following).toEqual([2])
    })
  })

  it('gives every event once and in order, whatever is appended while it reads', async () => {
    const entries = fc.array(fc.record({ events: fc.integer({ min: 1, max: 16 }), gapMs: fc.integer({ min: 0, max: 3_000 }) }), {
      minLength: 1,
      maxLength: 30,
    })

    await fc.assert(
      fc.asyncProperty(entries, fc.nat(40), fc.infiniteStream(fc.nat(150)), async (appends, startMs, latencies) => {
        const log = countingLog()
        const slow = {
          ...log,
          // What is read may have been true a while ago.
          async read(...parameters: Parameters<StreamLog['read']>) {
            const events = await log.read(...parameters)
            await sleep(latencies.next().value ?? 0)
            return events
          },
        }
        const total = appends.reduce((sum, { events }) => sum + events, 0)
        const after = startMs % (total + 1) === total ? total - 1 : (startMs % (total + 1)) - 1
        const writing = (async () => {
          let next = 0
          for (const { events, gapMs } of appends) {
            await sleep(gapMs)
            await log.append(
              REF,
              Array.from({ length: events }, (_, index) => aChunk(next + index)),
            )
            next += events
          }
        })()
        const abort = new AbortController()
        const seen: number[] = []
        const following = (async () => {
          // Whoever has a cursor has seen that event.
          while ((await log.lastSequence(REF)) < after) await sleep(10)
          await sequences(follow(slow, { after, signal: abort.signal }), seen)
        })()
        await vi.advanceTimersByTimeAsync(120_000)
        abort.abort()
        await vi.runAllTimersAsync()
        await Promise.all([writing, following])

        expect(seen).toEqual(Array.from({ length: total - 1 - after }, (_, index) => after + 1 + index))
      }),
      { numRuns: 60 },
    )
  })

  it('does not wait behind the end of a stream that has ended', async () => {
    const log = countingLog()
    await log.appendAll(answer(['a']))

    expect(await sequences(follow(log, { after: 2, ended: true }))).toEqual([])
    expect(await sequences(follow(log, { after: 0, ended: true }))).toEqual([1, 2])
  })

  it('never ends a topic', async () => {
    const log = countingLog()
    const ref = TOPIC
    const abort = new AbortController()
    await log.appendAll([topicEvent(0, 'one'), topicEvent(1, 'two')], ref)
    const following = sequences(follow(log, { ref, after: 0, signal: abort.signal }))

    await vi.advanceTimersByTimeAsync(5_000)
    await log.appendAll([topicEvent(2, 'three')], ref)
    await vi.advanceTimersByTimeAsync(1_000)
    abort.abort()

    expect(await following).toEqual([1, 2])
  })

  it('ends without an error and at once when the signal aborts', async () => {
    const abort = new AbortController()
    const following = sequences(follow(countingLog(), { signal: abort.signal }))
    await vi.advanceTimersByTimeAsync(10)

    abort.abort(new Error('the time is up'))

    expect(await following).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('passes on what the log throws', async () => {
    const log = { ...memoryStreamLog(), read: () => Promise.reject(new Error('table is gone')) }

    await expect(sequences(follow(log))).rejects.toThrow('table is gone')
  })
})
