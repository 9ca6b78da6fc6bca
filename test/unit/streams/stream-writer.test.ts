import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '#shared/platform/clock.ts'
import { MAX_ANSWER_BYTES, MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelSender } from '#shared/streams/channel-sender.ts'
import { eventFrame } from '#shared/streams/event-frames.ts'
import { WINDOW_MS } from '#shared/streams/flush-window.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import { StreamText } from '#shared/streams/stream-text.ts'
import { type Opening, type StreamTap, streamWriter } from '#shared/streams/stream-writer.ts'
import { retrying } from '../../helpers/execution-events.ts'
import { aChannel, aSubscription } from '../../helpers/streams.ts'

const quiet: ChannelSender = {
  appended: async () => undefined,
  caughtUp: async () => undefined,
  drain: async () => undefined,
  halt: async () => undefined,
  onCancelRequested: () => () => undefined,
  load: () => ({ viewers: 1, pressure: 0 }),
  postedThrough: () => -1,
}

function setUp(log: StreamLog = memoryStreamLog(), sender = quiet, tap?: StreamTap) {
  const ref = aChannel()
  const options = { ref, executionId: 'e1', agentId: 'assistant', attempt: 1, tap }
  const writer = streamWriter({ log, sender, clock: systemClock }, options)
  const events = async (): Promise<ExecutionEvent[]> => (await log.read(ref, -1)) as ExecutionEvent[]
  return { writer, events, ref, log }
}

const started = { type: 'started', data: { provider: 'scripted', model: 'm' } } as const
/** At the start of a stream. */
const atFirst = async (): Promise<Opening> => ({ sequence: 0, body: started })
const chunk = (text: string) => ({ type: 'content_chunk', data: { text } }) as const
const textOf = (events: ExecutionEvent[]): string => {
  const kept = new StreamText()
  for (const event of events) kept.apply(event)
  return kept.text
}
const done = ({ events, text }: { events: number; text: string }) =>
  ({ type: 'completed', data: { stopReason: text, events, sha256: '' } }) as const

describe('streamWriter', () => {
  it('writes the first text at once and gathers the rest', async () => {
    const { writer, events } = setUp()
    await writer.open(atFirst)

    for (const word of ['one ', 'two ', 'three ', 'four ']) {
      writer.write(chunk(word))
      await expect.poll(async () => (await events()).length).toBeGreaterThan(1)
    }
    const rest = await writer.takeRest([], done)

    const logged = await events()
    expect(logged[1]).toMatchObject({ type: 'content_chunk', sequence: 1, data: { text: 'one ' } })
    expect(textOf([...logged, ...rest])).toBe('one two three four ')
    expect(rest.at(-1)).toMatchObject({ type: 'completed', data: { stopReason: 'one two three four ' } })
    expect(rest.at(-1)?.sequence).toBe(logged.length + rest.length - 1)
  })

  it('numbers without a gap and keeps every character, whatever text comes in whatever pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', maxLength: 9_000 }), { maxLength: 12 }), async (pieces) => {
        const { writer, events, ref } = setUp()
        await writer.open(atFirst)
        for (const piece of pieces) writer.write(chunk(piece))
        const rest = await writer.takeRest([], done)

        const all = [...(await events()), ...rest]
        expect(all.map((event) => event.sequence)).toEqual(all.map((_, index) => index))
        expect(textOf(all)).toBe(pieces.join(''))
        expect(rest.at(-1)?.data).toMatchObject({ events: all.length })
        for (const event of all) {
          const { text } = eventFrame(ref, aSubscription({ connectionId: 'c', subscriptionId: 's' }), [event])
          expect(text.isWellFormed()).toBe(true)
          if (event.type === 'content_chunk') expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_FRAME_BYTES)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('fits the worst text into a frame', async () => {
    const { writer, events, ref } = setUp()
    await writer.open(atFirst)
    writer.write(chunk('\u0000'.repeat(20_000)))
    await writer.emit({ type: 'thinking', data: { text: 'done' } })

    for (const event of await events()) {
      const { text } = eventFrame(ref, aSubscription({ connectionId: 'c', subscriptionId: 's' }), [event])
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_FRAME_BYTES)
    }
  })

  it('holds on to its text until the log has it', async () => {
    const memory = memoryStreamLog()
    let failures = 2
    const append: StreamLog['append'] = async (ref, events) => {
      if (events[0]?.sequence === 1 && failures-- > 0) throw new Error('table out of reach')
      return memory.append(ref, events)
    }
    const { writer, events } = setUp({ ...memory, append })
    await writer.open(atFirst)

    writer.write(chunk('kept'))
    await writer.emit({ type: 'usage', data: { inputTokens: 1, outputTokens: 1 } })

    expect(textOf(await events())).toBe('kept')
    expect((await events()).map((event) => event.sequence)).toEqual([0, 1, 2])
  })

  it('stops when another writer has taken its place', async () => {
    const { writer, log, ref } = setUp()
    await writer.open(atFirst)
    await log.append(ref, [{ ...started, executionId: 'e1', agentId: 'assistant', attempt: 2, sequence: 1, time: '' }])

    await expect(writer.emit(chunk('late'))).rejects.toMatchObject({ name: 'StreamLostError' })
    expect(() => writer.write(chunk('later'))).toThrow(expect.objectContaining({ name: 'StreamLostError' }))
    await expect(writer.takeRest([], done)).rejects.toMatchObject({ name: 'StreamLostError' })
  })

  it('finds its place behind a writer that still writes while it takes over', async () => {
    const { writer, log, ref, events } = setUp()
    const old = (sequence: number): ExecutionEvent => ({
      ...chunk('old'),
      executionId: 'e1',
      agentId: 'assistant',
      attempt: 0,
      sequence,
      time: '',
    })
    await log.append(ref, [old(0)])

    let looks = 0
    await writer.open(async () => {
      const next = (await log.lastSequence(ref)) + 1
      if (looks++ < 2) await log.append(ref, [old(next)])
      return { sequence: next, body: started }
    })

    expect((await events()).map((event) => event.type)).toEqual(['content_chunk', 'content_chunk', 'content_chunk', 'started'])
  })

  it('is lost when the log holds what nobody can see', async () => {
    const { writer, log, ref } = setUp()
    await log.append(ref, [{ ...started, executionId: 'e1', agentId: 'assistant', attempt: 1, sequence: 0, time: '' }])

    await expect(writer.open(atFirst)).rejects.toMatchObject({ name: 'StreamLostError' })
    await expect(writer.emit(chunk('behind'))).rejects.toMatchObject({ name: 'StreamLostError' })
  })

  it('goes on in the middle without a word of its own, and knows the text before', async () => {
    const { writer, log, ref, events } = setUp()
    const before = { ...chunk('kept '), executionId: 'e1', agentId: 'assistant', attempt: 1, sequence: 0, time: '' }
    await log.append(ref, [before])
    const kept = new StreamText()
    kept.apply(before)

    await writer.open(async () => ({ sequence: 1, kept }))
    writer.write(chunk('and more'))

    expect(await writer.flushed()).toBe(1)
    expect((await events()).map((event) => event.type)).toEqual(['content_chunk', 'content_chunk'])
    expect(writer.text()).toBe('kept and more')
    const rest = await writer.takeRest([], done)
    expect(rest).toMatchObject([{ sequence: 2, data: { stopReason: 'kept and more', events: 3 } }])
  })

  it('writes nothing that comes after it was closed, and tells whoever writes on', async () => {
    const { writer, events } = setUp()
    await writer.open(atFirst)
    writer.write(chunk('first'))
    await writer.flushed()
    writer.write(chunk('gathered'))

    await writer.close()

    expect(() => writer.write(chunk('late'))).toThrow(expect.objectContaining({ code: 'conflict' }))
    await expect(writer.emit(chunk('late'))).rejects.toMatchObject({ code: 'conflict' })
    await expect(writer.flushed()).rejects.toMatchObject({ code: 'conflict' })
    await new Promise((resolve) => setTimeout(resolve, 2 * WINDOW_MS))
    expect(textOf(await events())).toBe('first')
  })

  it('drops, when it is closed, what still waits for a slow write before it', async () => {
    const memory = memoryStreamLog()
    const slow = Promise.withResolvers<void>()
    const append: StreamLog['append'] = async (...entry) => {
      await slow.promise
      return memory.append(...entry)
    }
    const { writer, events } = setUp({ ...memory, append })
    const writes = [writer.open(atFirst), writer.emit(chunk('waits'))]

    const closed = writer.close()
    slow.resolve()
    await Promise.all([...writes, closed])

    expect(await events()).toMatchObject([{ type: 'started' }])
  })

  it('stores Unicode alone, whatever it is given', async () => {
    const { writer, events } = setUp()
    await writer.open(atFirst)

    writer.write(chunk('a\ud800b'))
    await writer.flushed()

    expect(textOf(await events())).toBe('a\ufffdb')
    expect(writer.text()).toBe('a\ufffdb')
  })

  it('refuses an answer that is too large, and can still end it', async () => {
    const { writer } = setUp()
    await writer.open(atFirst)
    writer.write(chunk('x'.repeat(MAX_ANSWER_BYTES)))

    expect(() => writer.write(chunk('y'))).toThrow(expect.objectContaining({ code: 'payload_too_large' }))

    const rest = await writer.takeRest([], done)
    expect(rest.at(-1)?.type).toBe('completed')
    expect(writer.text()).toHaveLength(MAX_ANSWER_BYTES)
  })

  it('counts only what is kept: what an attempt took back makes room', async () => {
    const { writer } = setUp()
    await writer.open(atFirst)
    writer.write(chunk('x'.repeat(MAX_ANSWER_BYTES)))

    await writer.emit(retrying(-1))

    writer.write(chunk('y'.repeat(MAX_ANSWER_BYTES)))
    expect(writer.text()).toMatch(/^y+$/)
  })

  describe('with a tap', () => {
    const silent: StreamTap = { gathered: () => undefined, appended: () => undefined }

    it('tells it of text at once, and of events once the log has them', async () => {
      const told: (string | number)[] = []
      const { writer, events } = setUp(memoryStreamLog(), quiet, {
        gathered: (text) => void told.push(text),
        appended: (appended) => void told.push(...appended.map(({ sequence }) => sequence)),
      })
      await writer.open(atFirst)

      writer.write({ type: 'thinking', data: { text: 'hm' } })
      writer.write(chunk('one '))
      await writer.flushed()
      writer.write(chunk('two'))
      const rest = await writer.takeRest([], done)
      await writer.ended(rest)

      expect(told.filter((item) => typeof item === 'string')).toEqual(['one ', 'two'])
      expect(told.filter((item) => typeof item === 'number')).toEqual(
        [...(await events()), ...rest].map(({ sequence }) => sequence),
      )
      expect(told.indexOf(1)).toBeLessThan(told.indexOf('two'))
    })

    it.each([
      ['twice a second', 0, silent, 500],
      ['as often as without it, when others follow', 1, silent, 100],
      ['as often as ever, without it', 0, undefined, WINDOW_MS],
    ])('writes the log %s', async (_, viewers, tap, windowMs) => {
      vi.useFakeTimers()
      const { writer, events } = setUp(memoryStreamLog(), { ...quiet, load: () => ({ viewers, pressure: 0 }) }, tap)
      await writer.open(atFirst)
      writer.write(chunk('at once '))
      await vi.advanceTimersByTimeAsync(0)
      const first = (await events()).length

      writer.write(chunk('later'))
      await vi.advanceTimersByTimeAsync(windowMs - 1)
      const before = (await events()).length
      await vi.advanceTimersByTimeAsync(1)
      const after = (await events()).length
      await writer.close()
      vi.useRealTimers()

      expect([first, before, after]).toEqual([2, 2, 3])
    })
  })

  it('goes on when the subscribers cannot be read', async () => {
    const { writer, events } = setUp(memoryStreamLog(), {
      ...quiet,
      appended: async () => {
        throw new Error('throttled')
      },
    })
    await writer.open(atFirst)

    await writer.emit(chunk('text'))

    expect(textOf(await events())).toBe('text')
  })
})
