import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { executionChannel, topicChannel } from '#shared/protocol/channel.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { type FollowRequest, followStream } from '#shared/streams/follow-stream.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { answer, chunk, executionEvents, started, topicEvent } from '../../helpers/execution-events.ts'
import { never } from '../../helpers/llm.ts'

const REF = { tenant: 'acme', channel: executionChannel('e1') }

/** A log that can be appended to an event at a time, and counts its reads. */
function countingLog() {
  const log = memoryStreamLog()
  const reads: number[] = []
  return {
    ...log,
    reads,
    async read(ref: typeof REF, after: number, limit?: number) {
      reads.push(after)
      return log.read(ref, after, limit)
    },
    async appendAll(events: readonly StreamEvent[], ref = REF) {
      for (const event of events) await log.append(ref, [event])
    },
  }
}

const request = (overrides: Partial<FollowRequest> = {}): FollowRequest => ({
  ref: REF,
  after: -1,
  ended: false,
  quietMs: 15_000,
  signal: never(),
  ...overrides,
})

async function sequences(batches: AsyncIterable<StreamEvent[]>, into: (number | 'quiet')[] = []): Promise<(number | 'quiet')[]> {
  for await (const events of batches)
    into.push(...(events.length === 0 ? ['quiet' as const] : events.map((event) => event.sequence)))
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

    expect(await sequences(followStream(log, request({ after })))).toEqual(expected)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('replays more than a page without a pause', async () => {
    const log = countingLog()
    await log.appendAll(answer(Array.from({ length: 450 }, String)))

    const seen = await sequences(followStream(log, request()))

    expect(seen).toEqual(Array.from({ length: 452 }, (_, sequence) => sequence))
    expect(log.reads).toEqual([-1, 199, 399])
  })

  it('goes on with what is appended, whenever it comes', async () => {
    const log = countingLog()
    const events = answer(['a', 'b', 'c'])
    const seen: (number | 'quiet')[] = []
    const following = sequences(followStream(log, request()), seen)

    for (const event of events) {
      await log.appendAll([event])
      await vi.advanceTimersByTimeAsync(1_000)
      expect(seen.at(-1)).toBe(event.sequence)
    }

    expect(await following).toEqual([0, 1, 2, 3, 4])
  })

  it('looks less often while nothing comes, and often again after an event', async () => {
    const log = countingLog()
    const abort = new AbortController()
    const following = sequences(followStream(log, request({ signal: abort.signal })))

    await vi.advanceTimersByTimeAsync(10_000)
    const idle = log.reads.length
    await log.appendAll(executionEvents([started()]))
    await vi.advanceTimersByTimeAsync(1_000)
    const before = log.reads.length
    await log.appendAll(executionEvents([chunk('a')], 'e1', 1))
    await vi.advanceTimersByTimeAsync(1_000)

    expect(idle).toBeGreaterThan(15)
    expect(idle).toBeLessThan(25)
    expect(log.reads.length - before).toBeGreaterThanOrEqual(9)
    abort.abort()
    expect(await following).toEqual([0, 1])
  })

  it('gives a sign of life after each silence', async () => {
    const log = countingLog()
    const abort = new AbortController()
    const following = sequences(followStream(log, request({ signal: abort.signal, quietMs: 15_000 })))

    await vi.advanceTimersByTimeAsync(34_000)
    abort.abort()

    expect(await following).toEqual(['quiet', 'quiet'])
  })

  it('does not wait behind the end of a stream that has ended', async () => {
    const log = countingLog()
    await log.appendAll(answer(['a']))

    expect(await sequences(followStream(log, request({ after: 2, ended: true })))).toEqual([])
    expect(await sequences(followStream(log, request({ after: 0, ended: true })))).toEqual([1, 2])
  })

  it('never ends a topic', async () => {
    const log = countingLog()
    const ref = { tenant: 'acme', channel: topicChannel('news') }
    const abort = new AbortController()
    await log.appendAll([topicEvent(0, 'one'), topicEvent(1, 'two')], ref)
    const following = sequences(followStream(log, request({ ref, after: 0, signal: abort.signal })))

    await vi.advanceTimersByTimeAsync(5_000)
    await log.appendAll([topicEvent(2, 'three')], ref)
    await vi.advanceTimersByTimeAsync(1_000)
    abort.abort()

    expect(await following).toEqual([1, 2])
  })

  it('ends without an error and at once when the signal aborts', async () => {
    const abort = new AbortController()
    const following = sequences(followStream(countingLog(), request({ signal: abort.signal })))
    await vi.advanceTimersByTimeAsync(10)

    abort.abort(new Error('the time is up'))

    expect(await following).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('passes on what the log throws', async () => {
    const log = { ...memoryStreamLog(), read: () => Promise.reject(new Error('table is gone')) }

    await expect(sequences(followStream(log, request()))).rejects.toThrow('table is gone')
  })
})
