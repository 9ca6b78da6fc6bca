import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '#shared/platform/clock.ts'
import { MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelSender } from '#shared/streams/channel-sender.ts'
import { eventFrame } from '#shared/streams/event-frames.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import { StreamText } from '#shared/streams/stream-text.ts'
import { streamWriter } from '#shared/streams/stream-writer.ts'
import { aChannel } from '../../helpers/streams.ts'

const quiet: ChannelSender = {
  appended: async () => undefined,
  drain: async () => undefined,
  load: () => ({ viewers: 1, throttles: 0 }),
  postedThrough: () => -1,
}

function setUp(log: StreamLog = memoryStreamLog(), sender = quiet) {
  const ref = aChannel()
  const options = { ref, executionId: 'e1', agentId: 'assistant', attempt: 1, nextSequence: 0 }
  const writer = streamWriter({ log, sender, clock: systemClock }, options)
  const events = async (): Promise<ExecutionEvent[]> => (await log.read(ref, -1)) as ExecutionEvent[]
  return { writer, events, ref, log }
}

const started = () => ({ type: 'started', data: { provider: 'scripted', model: 'm' } }) as const
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
    await writer.open(started)

    for (const word of ['one ', 'two ', 'three ', 'four ']) {
      writer.write(chunk(word))
      await vi.waitFor(async () => expect((await events()).length).toBeGreaterThan(1))
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
        await writer.open(started)
        for (const piece of pieces) writer.write(chunk(piece))
        const rest = await writer.takeRest([], done)

        const all = [...(await events()), ...rest]
        expect(all.map((event) => event.sequence)).toEqual(all.map((_, index) => index))
        expect(textOf(all)).toBe(pieces.join(''))
        expect(rest.at(-1)?.data).toMatchObject({ events: all.length })
        for (const event of all) {
          const { text } = eventFrame(ref, { connectionId: 'c', subscriptionId: 's' }, [event])
          expect(text.isWellFormed()).toBe(true)
          if (event.type === 'content_chunk') expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_FRAME_BYTES)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('fits the worst text into a frame', async () => {
    const { writer, events, ref } = setUp()
    await writer.open(started)
    writer.write(chunk('\u0000'.repeat(20_000)))
    await writer.emit({ type: 'thinking', data: { text: 'done' } })

    for (const event of await events()) {
      const { text } = eventFrame(ref, { connectionId: 'c', subscriptionId: 's' }, [event])
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
    await writer.open(started)

    writer.write(chunk('kept'))
    await writer.emit({ type: 'usage', data: { inputTokens: 1, outputTokens: 1 } })

    expect(textOf(await events())).toBe('kept')
    expect((await events()).map((event) => event.sequence)).toEqual([0, 1, 2])
  })

  it('stops when another writer has taken its place', async () => {
    const { writer, log, ref } = setUp()
    await writer.open(started)
    await log.append(ref, [{ ...started(), executionId: 'e1', agentId: 'assistant', attempt: 2, sequence: 1, time: '' }])

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
    await writer.open(started, async () => {
      const next = (await log.lastSequence(ref)) + 1
      if (looks++ < 2) await log.append(ref, [old(next)])
      return next
    })

    expect((await events()).map((event) => event.type)).toEqual(['content_chunk', 'content_chunk', 'content_chunk', 'started'])
  })

  it('goes on when the subscribers cannot be read', async () => {
    const { writer, events } = setUp(memoryStreamLog(), {
      ...quiet,
      appended: async () => {
        throw new Error('throttled')
      },
    })
    await writer.open(started)

    await writer.emit(chunk('text'))

    expect(textOf(await events())).toBe('text')
  })
})
