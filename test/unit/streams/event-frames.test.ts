import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_CHUNK_LENGTH, MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import { type RealtimeEventFrame, serverFrameSchema } from '#shared/protocol/socket-frame.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { eventFrame, nextFrame, responseFrame } from '#shared/streams/event-frames.ts'
import { identifier } from '../../helpers/arbitraries.ts'
import { executionStreams } from '../../helpers/execution-streams.ts'
import { aChannel, aChunk, aCompletion, aMessage, aSubscription, sequences } from '../../helpers/streams.ts'

const read = (text: string) => serverFrameSchema.parse(JSON.parse(text)) as RealtimeEventFrame
const responseOf = (terminal: ExecutionEvent, text: string, responseTo?: string) =>
  serverFrameSchema.parse(JSON.parse(responseFrame(terminal, responseTo, text)))

describe('eventFrame', () => {
  it('carries channel, subscription and the events in their order', () => {
    const [ref, subscription] = [aChannel(), aSubscription()]

    const { text, last } = eventFrame(ref, subscription, [aChunk(4), aChunk(5), aCompletion(6)])

    expect(last).toBe(6)
    expect(JSON.parse(text)).toEqual({
      message_type: 'realtime_event',
      payload: {
        channel: ref.channel,
        subscription: subscription.subscriptionId,
        events: [aChunk(4), aChunk(5), aCompletion(6)],
      },
    })
  })

  it('holds as many events as fit, without a gap, and never more', async () => {
    await fc.assert(
      fc.property(
        identifier,
        fc.array(fc.string({ unit: 'grapheme', maxLength: MAX_CHUNK_LENGTH }), { minLength: 1, maxLength: 40 }),
        (id, texts) => {
          const ref = aChannel({ channel: `execution:${id}` })
          const events = texts.map((text, sequence) => aChunk(sequence, text))
          const subscription = aSubscription()

          const { text, last } = eventFrame(ref, subscription, events)

          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_FRAME_BYTES)
          expect(sequences(read(text).payload.events)).toEqual(events.slice(0, last + 1).map(({ sequence }) => sequence))
        },
      ),
    )
  })

  it('is filled to the last byte, whatever the channel is called', () => {
    const ref = aChannel({ channel: `execution:${'e'.repeat(128)}` })
    const subscription = aSubscription()
    const frameOf = (length: number) =>
      eventFrame(ref, subscription, [
        ...Array.from({ length: 5 }, (_, sequence) => aChunk(sequence, 'x'.repeat(4_000))),
        aChunk(5, 'y'.repeat(length)),
      ])

    const lengths = Array.from({ length: 4_000 }, (_, index) => index)
    const longest = lengths.findLast((length) => frameOf(length).last === 5) ?? 0

    expect(Buffer.byteLength(frameOf(longest).text)).toBe(MAX_FRAME_BYTES)
  })

  it('says where a message can be read that is too large, and carries all else of it', () => {
    const ref = aChannel({ channel: 'topic:questions' })
    const event = aMessage(7, { subject: 'a long one', data: { content: 'x'.repeat(190_000) } })

    const { text, last } = eventFrame(ref, aSubscription(), [event, aMessage(8)])

    const reference = { data: null, dataref: '/v1/topics/questions/events?after=6&limit=1' }
    expect(last).toBe(8)
    expect(read(text).payload.events).toEqual([{ ...event, data: { ...event.data, ...reference } }, aMessage(8)])
  })

  it('never outgrows a frame, however large its messages are', async () => {
    const message = fc.record({
      sizes: fc.record({ data: fc.nat(60_000), type: fc.nat(127) }),
      attributes: fc.record({
        source: fc.string({ unit: 'binary', minLength: 1, maxLength: 512 }),
        subject: fc.string({ unit: 'binary', maxLength: 512 }),
        dataschema: fc.string({ unit: 'binary', maxLength: 512 }),
      }),
    })
    await fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), (messages) => {
        const ref = aChannel({ channel: `topic:${'t'.repeat(128)}` })
        const events = messages.map(({ sizes, attributes }, sequence) =>
          aMessage(sequence, { ...attributes, type: 'y'.repeat(sizes.type + 1), data: 'x'.repeat(sizes.data) }),
        )

        const { text, last } = eventFrame(ref, aSubscription(), events)

        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_FRAME_BYTES)
        expect(sequences(read(text).payload.events)).toEqual(events.slice(0, last + 1).map(({ sequence }) => sequence))
      }),
    )
  })

  it('has room for every attribute of a message at its longest', () => {
    const longest = (length: number) => '\u0001'.repeat(length)
    const attributes = {
      id: longest(256),
      type: longest(128),
      source: longest(512),
      subject: longest(512),
      dataschema: longest(512),
      datacontenttype: longest(128),
      correlationId: longest(256),
      conversationId: longest(128),
      traceparent: longest(128),
    }
    const event = aMessage(0, { ...attributes, data: 'x'.repeat(MAX_FRAME_BYTES) })

    const { text } = eventFrame(aChannel({ channel: `topic:${'t'.repeat(128)}` }), aSubscription(), [event])

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_FRAME_BYTES)
    expect(read(text).payload.events).toMatchObject([{ data: attributes }])
  })

  it('carries one event of an execution even when that alone is too large', () => {
    expect(eventFrame(aChannel(), aSubscription(), [aChunk(0, 'x'.repeat(2 * MAX_FRAME_BYTES)), aChunk(1)]).last).toBe(0)
  })
})

describe('nextFrame', () => {
  const none = () => Promise.reject(new Error('no frame of ours needs it'))

  it('is a frame of events for who asked for nothing else', async () => {
    const [ref, subscription, events] = [aChannel(), aSubscription(), [aChunk(0), aChunk(1), aCompletion(2)]]

    expect(await nextFrame(ref, subscription, events, none)).toEqual(eventFrame(ref, subscription, events))
  })

  it('packs for who asked for it: one event for what piled up, and frames are filled with such events', async () => {
    const subscription = aSubscription({ packed: true })
    const events = Array.from({ length: 30 }, (_, sequence) => aChunk(sequence, 'x'.repeat(1_000)))

    const first = await nextFrame(aChannel(), subscription, events, none)
    const rest = events.filter(({ sequence }) => sequence > first.last)
    const second = await nextFrame(aChannel(), subscription, [...rest, aCompletion(30)], none)

    expect(read(first.text).payload.events).toMatchObject([{ from: 0, sequence: first.last }])
    expect(read(second.text).payload.events).toMatchObject([{ from: first.last + 1, sequence: 29 }, { type: 'completed' }])
    expect(second.last).toBe(30)
  })

  it('has packed events that are valid, within what a frame may hold', async () => {
    await fc.assert(
      fc.asyncProperty(executionStreams, fc.integer({ min: 1, max: 4_000 }), async (events, length) => {
        const long = events.map((event) =>
          event.type === 'content_chunk' ? { ...event, data: { text: '\u0001'.repeat(length) } } : event,
        )

        const { text } = await nextFrame(aChannel(), aSubscription({ packed: true }), long, none)

        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_FRAME_BYTES)
        expect(read(text)).toEqual(JSON.parse(text))
      }),
    )
  })
})

describe('responseFrame', () => {
  it('says in other words what a completed event says', () => {
    expect(responseOf(aCompletion(6), 'A gate.', 'r1')).toEqual({
      message_type: 'agent_response',
      response_to: 'r1',
      payload: {
        executionId: 'execution-1',
        agentId: 'assistant',
        status: 'completed',
        output: { text: 'A gate.' },
        events: 7,
        sha256: '0'.repeat(64),
      },
    })
  })

  it.each(['failed', 'timed_out', 'cancelled'] as const)('gives the reason of a %s one, and the text so far', (type) => {
    const failure = { code: 'timeout', detail: 'too long', events: 7, sha256: '0'.repeat(64) } as const

    const frame = responseOf({ ...aCompletion(6), type, data: failure }, 'A ga')

    expect(frame).toMatchObject({
      payload: { status: type, error: { code: 'timeout', detail: 'too long' }, output: { text: 'A ga' }, events: 7 },
    })
  })

  it('leaves a text out that does not fit a frame, and fits one that just does', () => {
    const overhead = Buffer.byteLength(responseFrame(aCompletion(6), 'r1', ''))
    const fitting = 'x'.repeat(MAX_FRAME_BYTES - overhead)

    expect(responseOf(aCompletion(6), fitting, 'r1')).toMatchObject({ payload: { output: { text: fitting } } })
    expect(responseOf(aCompletion(6), `${fitting}x`, 'r1')).not.toHaveProperty('payload.output')
  })

  it('refuses an event that ends nothing', () => {
    expect(() => responseFrame(aChunk(0), undefined, '')).toThrow(RangeError)
  })
})
