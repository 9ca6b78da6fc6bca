import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '#shared/platform/clock.ts'
import { MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import type { RealtimeEventFrame, ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import type { PostResult } from '#shared/streams/connection-poster.ts'
import { type MemoryConnectionPoster, memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryConnectionStore } from '#shared/streams/memory-connection-store.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { LOG_TTL_SECONDS } from '#shared/streams/stream-keys.ts'
import { type SubscribeDependencies, type SubscribeRequest, subscribe } from '#shared/streams/subscribe.ts'
import { aConnection } from '../../helpers/connections.ts'
import { aRetry } from '../../helpers/execution-streams.ts'
import { aChannel, aChunk, aCompletion, aMessage, aSubscription, sequences } from '../../helpers/streams.ts'

const first = aSubscription({ connectionId: 'c1', subscriptionId: 's1' })
const later = aSubscription({ connectionId: 'c1', subscriptionId: 's2' })

type Post = (connectionId: string, post: number) => PostResult | Promise<PostResult>

/** A channel with `events` in its log, one entry each, and a connection `c1` that follows it. */
async function setUp(events: ExecutionEvent[] = [], answer?: Post) {
  const ref = aChannel()
  const log = memoryStreamLog()
  for (const event of events) await log.append(ref, [event])
  const subscriptions = memorySubscriptionStore(log)
  const poster = memoryConnectionPoster(answer)
  const dependencies: SubscribeDependencies & { poster: MemoryConnectionPoster } = {
    log,
    subscriptions,
    poster,
    clock: systemClock,
  }
  const follow = (request: Partial<SubscribeRequest> = {}) =>
    subscribe(dependencies, {
      ref,
      subscription: first,
      signal: new AbortController().signal,
      ...request,
    })
  const frames = (): ServerFrame[] => poster.framesOf('c1')
  const eventFrames = () => frames().filter((frame): frame is RealtimeEventFrame => frame.message_type === 'realtime_event')
  const received = (): number[] => eventFrames().flatMap((frame) => sequences(frame.payload.events))
  return { ref, dependencies, follow, frames, eventFrames, received }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('subscribe', () => {
  it('confirms first, under the name of the frame that asked', async () => {
    const { ref, follow, frames } = await setUp([aChunk(0)])

    expect(await follow({ responseTo: 'f1' })).toBe('live')

    expect(frames().map((frame) => frame.message_type)).toEqual(['subscription_confirmed', 'realtime_event'])
    expect(frames()[0]).toEqual({
      message_type: 'subscription_confirmed',
      response_to: 'f1',
      payload: { channel: ref.channel, subscription: 's1', after: -1 },
    })
  })

  it('notes nothing with the connection when it fails, so that it can begin anew', async () => {
    const { ref, dependencies, follow } = await setUp([aChunk(0)], (_, post) => ({ status: post === 1 ? 'refused' : 'sent' }))
    const connections = memoryConnectionStore()
    await connections.put(aConnection())
    Object.assign(dependencies, { connections })

    expect(await follow()).toBe('behind')
    expect(await connections.subscriptions('c1')).toEqual([])

    vi.spyOn(dependencies.subscriptions, 'goLive').mockRejectedValueOnce(new Error('the table throttles'))
    await expect(follow()).rejects.toThrow('the table throttles')
    expect(await connections.subscriptions('c1')).toEqual([])

    expect(await follow()).toBe('live')
    expect(await connections.subscriptions('c1')).toMatchObject([ref])
  })

  it('hands over behind the last event that it posted', async () => {
    const { ref, dependencies, follow } = await setUp([aChunk(0), aChunk(1)])

    await follow()

    expect(await dependencies.subscriptions.listLive(ref)).toMatchObject([{ connectionId: 'c1', cursor: 1 }])
  })

  it('is live at once where there is nothing yet', async () => {
    const { ref, dependencies, follow, received } = await setUp()

    expect(await follow()).toBe('live')

    expect(received()).toEqual([])
    expect(await dependencies.subscriptions.listLive(ref)).toMatchObject([{ cursor: -1 }])
  })

  it('begins behind the cursor that it is given, within an entry too', async () => {
    const { ref, dependencies, follow, received } = await setUp()
    await dependencies.log.append(ref, [aChunk(0), aChunk(1), aChunk(2)])

    await follow({ after: 1 })

    expect(received()).toEqual([2])
  })

  it('replays hundreds of events in full frames of the size that is allowed', async () => {
    const { follow, eventFrames, received } = await setUp([
      ...upTo(450).map((sequence) => aChunk(sequence, `${sequence} ${'ä'.repeat(100)}`)),
      aCompletion(450),
    ])

    expect(await follow()).toBe('ended')

    const sizes = eventFrames().map((frame) => Buffer.byteLength(JSON.stringify(frame)))
    expect(received()).toEqual(upTo(451))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_FRAME_BYTES)
    expect(sizes.filter((size) => size > MAX_FRAME_BYTES / 2).length).toBeGreaterThan(5)
  })

  it('ends with the terminal event, and leaves no subscription', async () => {
    const { ref, dependencies, follow, frames } = await setUp([aChunk(0), aCompletion(1)])

    expect(await follow()).toBe('ended')

    expect(frames()).toHaveLength(2)
    expect(await dependencies.subscriptions.goLive(ref, first, 1)).toBe('replaced')
  })

  it('gives the response that is owed when the terminal event is in the replay', async () => {
    const { follow, frames } = await setUp([
      aChunk(0, 'half of it'),
      {
        ...aChunk(1),
        type: 'retrying',
        data: { code: 'rate_limit', detail: 'too many', attempt: 2, resumeFrom: -1, delayMs: 0 },
      },
      aChunk(2, 'A gate.'),
      aCompletion(3),
    ])

    await follow({ subscription: { ...first, answer: { responseTo: 'r1' } } })

    expect(frames().at(-1)).toEqual({
      message_type: 'agent_response',
      response_to: 'r1',
      payload: {
        executionId: 'execution-1',
        agentId: 'assistant',
        status: 'completed',
        output: { text: 'A gate.' },
        events: 4,
        sha256: '0'.repeat(64),
      },
    })
  })

  it('posts again what was throttled or failed, once and in order', async () => {
    const results: Record<number, PostResult> = { 0: { status: 'throttled' }, 2: { status: 'failed', error: 'reset' } }
    const { follow, frames, received } = await setUp(
      [aChunk(0), aChunk(1), aCompletion(2)],
      (_connection, post) => results[post] ?? { status: 'sent' },
    )

    expect(await follow()).toBe('ended')

    expect(frames().map((frame) => frame.message_type)).toEqual(['subscription_confirmed', 'realtime_event'])
    expect(received()).toEqual([0, 1, 2])
  })

  it('goes on with what is appended while it replays', async () => {
    const { ref, dependencies, follow, received } = await setUp([aChunk(0)], async (_connection, post) => {
      if (post === 1) await dependencies.log.append(ref, [aChunk(1)])
      if (post === 2) await dependencies.log.append(ref, [aChunk(2)])
      return { status: 'sent' }
    })

    expect(await follow()).toBe('live')

    expect(received()).toEqual([0, 1, 2])
    expect(await dependencies.subscriptions.listLive(ref)).toMatchObject([{ cursor: 2 }])
  })

  it.each([
    ['with the confirmation', 0],
    ['in the replay', 1],
  ])('forgets a connection that turns out to be gone %s', async (_when, post) => {
    const { ref, dependencies, follow } = await setUp([aChunk(0)], (_connection, number) => ({
      status: number === post ? 'gone' : 'sent',
    }))

    expect(await follow()).toBe('gone')

    expect(await dependencies.subscriptions.goLive(ref, first, 0)).toBe('replaced')
  })

  it.each([
    ['the confirmation', 0],
    ['an event', 1],
  ])('is behind when the signal aborts while %s is throttled', async (_what, post) => {
    const time = new AbortController()
    const { ref, dependencies, follow } = await setUp([aChunk(0)], (_connection, number) => {
      if (number < post) return { status: 'sent' }
      time.abort()
      return { status: 'throttled' }
    })

    expect(await follow({ signal: time.signal })).toBe('behind')

    expect(await dependencies.subscriptions.listLive(ref)).toEqual([])
  })

  it('is behind when the signal aborts between two pages', async () => {
    const time = new AbortController()
    const { follow, received } = await setUp(
      upTo(300).map((sequence) => aChunk(sequence)),
      () => {
        time.abort()
        return { status: 'sent' }
      },
    )

    expect(await follow({ signal: time.signal })).toBe('behind')
    expect(received()).toEqual([])
  })

  it('gives way to a later subscription of the connection', async () => {
    const { ref, dependencies, follow } = await setUp([aChunk(0)], async (_connection, post) => {
      if (post === 1) await dependencies.subscriptions.beginReplay(ref, later)
      return { status: 'sent' }
    })

    expect(await follow()).toBe('replaced')

    expect(await dependencies.subscriptions.goLive(ref, later, 0)).toBe('live')
  })

  it('leaves a later subscription of the connection alone when it is behind itself', async () => {
    const time = new AbortController()
    const { ref, dependencies, follow } = await setUp([aChunk(0)], async (_connection, post) => {
      if (post === 0) return { status: 'sent' }
      await dependencies.subscriptions.beginReplay(ref, later)
      await dependencies.subscriptions.goLive(ref, later, 0)
      time.abort()
      return { status: 'throttled' }
    })

    expect(await follow({ signal: time.signal })).toBe('behind')

    expect(await dependencies.subscriptions.listLive(ref)).toMatchObject([{ subscriptionId: 's2' }])
  })

  describe('with packed events', () => {
    const packed = { subscription: { ...first, packed: true } }

    it('sends the text so far as one event with its cursor, however many pages it has', async () => {
      const { follow, eventFrames } = await setUp(upTo(1_500).map((sequence) => aChunk(sequence, 'ab')))

      expect(await follow(packed)).toBe('live')

      expect(eventFrames().map((frame) => frame.payload.events)).toEqual([[{ ...aChunk(1_499, 'ab'.repeat(1_500)), from: 0 }]])
    })

    it('sends a long text in pieces that fit their frames', async () => {
      const { follow, eventFrames } = await setUp([
        ...upTo(30).map((sequence) => aChunk(sequence, 'x'.repeat(4_000))),
        aCompletion(30),
      ])

      expect(await follow(packed)).toBe('ended')

      const events = eventFrames().flatMap((frame) => frame.payload.events as ExecutionEvent[])
      expect(events.map(({ from, sequence }) => [from, sequence]).slice(0, 3)).toEqual([
        [0, 4],
        [5, 9],
        [10, 14],
      ])
      expect(events.at(-1)).toEqual(aCompletion(30))
    })

    it('sends nothing of what a later page takes back', async () => {
      const { follow, eventFrames } = await setUp([...upTo(1_200).map((sequence) => aChunk(sequence)), aRetry(1_200, 1)])

      await follow(packed)

      expect(eventFrames().flatMap((frame) => frame.payload.events)).toEqual([
        { ...aChunk(1, 't0 t1 '), from: 0 },
        { ...aRetry(1_200, 1), from: 2 },
      ])
    })
  })

  describe('with another view', () => {
    const flat = { ...first, view: { kind: 'flat' as const } }
    const fields: [string, string][] = [['finalResponse', 'finalResponse']]
    const graphql = { ...first, view: { kind: 'graphql' as const, id: 'op', key: 'stream', fields } }

    it('confirms to a plain client that subscribed, and sends it flat events', async () => {
      const { follow, frames } = await setUp([aChunk(0, 'A gate.'), aCompletion(1)])

      expect(await follow({ subscription: flat })).toBe('ended')

      expect(frames()).toMatchObject([
        { message_type: 'subscription_confirmed' },
        { eventType: 'content_chunk', content: 'A gate.' },
        { eventType: 'completed', final_response: 'A gate.' },
      ])
    })

    it('sends a plain client that opened its socket for an execution nothing but its events', async () => {
      const { follow, frames } = await setUp([aChunk(0), aCompletion(1)])

      await follow({ subscription: flat, patientUntil: 0 })

      expect(frames()).toMatchObject([{ eventType: 'content_chunk' }, { eventType: 'completed' }])
    })

    it('knows the whole answer, wherever the replay began', async () => {
      const { follow, frames } = await setUp([aChunk(0, 'A '), aChunk(1, 'gate.'), aCompletion(2)])

      await follow({ subscription: flat, after: 1, patientUntil: 0 })

      expect(frames()).toMatchObject([{ eventType: 'completed', final_response: 'A gate.' }])
    })

    it('sends an operation its answers and its completion, and no confirmation', async () => {
      const { follow, frames } = await setUp([aChunk(0, 'A gate.'), aCompletion(1)])

      expect(await follow({ subscription: graphql })).toBe('ended')

      expect(frames()).toEqual([
        { id: 'op', type: 'next', payload: { data: { stream: { finalResponse: null } } } },
        { id: 'op', type: 'next', payload: { data: { stream: { finalResponse: 'A gate.' } } } },
        { id: 'op', type: 'complete' },
      ])
    })
  })

  describe('for as long as the right to follow lasts', () => {
    it('posts nothing when it has ended, forgets the subscription, and closes the socket', async () => {
      const { ref, dependencies, follow, frames } = await setUp([aChunk(0)])

      expect(await follow({ subscription: { ...first, until: Date.now() } })).toBe('expired')

      expect(frames()).toEqual([])
      expect(dependencies.poster.closed).toEqual(['c1'])
      expect(await dependencies.subscriptions.goLive(ref, first, 0)).toBe('replaced')
    })

    it('posts nothing more once it ends in the middle', async () => {
      let now = Date.now()
      const long = upTo(30).map((sequence) => aChunk(sequence, 'x'.repeat(4_000)))
      const { dependencies, follow, frames } = await setUp(long, () => {
        now += 1_000
        return { status: 'sent' }
      })
      dependencies.clock = { now: () => now }

      expect(await follow({ subscription: { ...first, until: now + 2_000 } })).toBe('expired')

      expect(frames().map((frame) => frame.message_type)).toEqual(['subscription_confirmed', 'realtime_event'])
    })
  })

  describe('to a socket that is being opened', () => {
    it('posts again when it looks closed at first', async () => {
      const { follow, received } = await setUp([aChunk(0), aCompletion(1)], (_connection, post) => ({
        status: post < 2 ? 'gone' : 'sent',
      }))

      expect(await follow({ patientUntil: Date.now() + 60_000 })).toBe('ended')
      expect(received()).toEqual([0, 1])
    })

    it.each([
      ['the time is up', 0, new AbortController().signal],
      ['the invocation ends', Number.POSITIVE_INFINITY, AbortSignal.abort()],
    ])('is gone when %s', async (_what, patientUntil, signal) => {
      const { follow } = await setUp([aChunk(0)], () => ({ status: 'gone' }))

      expect(await follow({ patientUntil, signal })).toBe('gone')
    })
  })

  describe('with what the connection follows noted', () => {
    async function noted(events: ExecutionEvent[]) {
      const { ref, dependencies, follow } = await setUp(events)
      const connections = memoryConnectionStore()
      await connections.put({
        connectionId: 'c1',
        protocol: 'sluice.v1',
        opening: [],
        connectedAt: '2026-11-21T09:30:00.000Z',
        greeted: true,
      })
      dependencies.connections = connections
      return { ref, dependencies, follow, connections }
    }

    it('notes where a subscription is kept', async () => {
      const { ref, follow, connections } = await noted([aChunk(0)])

      await follow({ subscription: { ...first, operation: 'op' } })

      expect(await connections.subscriptions('c1')).toEqual([{ ...ref, operation: 'op' }])
    })

    it('takes the note of an operation back when its stream has ended, and keeps that of a channel', async () => {
      const { ref, follow, connections } = await noted([aCompletion(0)])

      await follow()
      await follow({ subscription: { ...later, operation: 'op' } })

      expect(await connections.subscriptions('c1')).toEqual([ref])
    })

    it('begins nothing for a connection that is gone', async () => {
      const { ref, dependencies, follow, connections } = await noted([aChunk(0)])
      await connections.remove('c1')

      expect(await follow()).toBe('gone')

      expect(dependencies.poster.frames).toEqual([])
      expect(await dependencies.subscriptions.goLive(ref, first, 0)).toBe('replaced')
    })

    it('ends what the connection had of the channel in another place', async () => {
      const { ref, dependencies, follow, connections } = await noted([aChunk(0)])
      const elsewhere = { ...ref, shard: 1 }
      await connections.addSubscription('c1', elsewhere)
      await dependencies.subscriptions.beginReplay(elsewhere, first)
      await dependencies.subscriptions.goLive(elsewhere, first, 0)

      expect(await follow({ subscription: later })).toBe('live')

      expect(await dependencies.subscriptions.listLive(elsewhere)).toEqual([])
      expect(await dependencies.subscriptions.listLive(ref)).toMatchObject([{ subscriptionId: 's2' }])
    })
  })

  it('says how many follow a topic', async () => {
    const { dependencies, follow, frames } = await setUp()
    const ref = aChannel({ channel: 'topic:health_events' })
    await subscribe(dependencies, { ref, subscription: aSubscription(), signal: new AbortController().signal })

    await follow({ ref })

    expect(frames()).toMatchObject([{ payload: { channel: ref.channel, topic: 'health_events', subscriber_count: 2 } }])
  })

  describe('to a topic whose first messages have expired', () => {
    async function topic() {
      let now = Date.now()
      const ref = aChannel({ channel: 'topic:questions' })
      const log = memoryStreamLog({ now: () => now })
      const append = (id: string) => log.appendNext(ref, [{ id, numbered: (sequence) => aMessage(sequence, { id }) }])
      for (const id of ['a', 'b', 'c']) await append(id)
      now += LOG_TTL_SECONDS * 1_000
      const subscriptions = memorySubscriptionStore(log)
      const poster = memoryConnectionPoster()
      const follow = (after?: number) =>
        subscribe(
          { log, subscriptions, poster, clock: systemClock },
          { ref, subscription: first, after, signal: new AbortController().signal },
        )
      const frames = () => poster.framesOf('c1').map(({ payload }) => payload)
      return { ref, append, follow, frames, subscriptions }
    }

    it.each([undefined, -1, 0, 2])('begins behind them for the cursor %s', async (after) => {
      const { ref, follow, frames, subscriptions } = await topic()

      expect(await follow(after)).toBe('live')

      expect(frames()).toMatchObject([{ after: 2 }])
      expect(await subscriptions.listLive(ref)).toMatchObject([{ cursor: 2 }])
    })

    it.each([-1, 1, 2])('sends what is kept behind the cursor %s, and says where it begins', async (after) => {
      const { append, follow, frames } = await topic()
      await append('d')
      await append('e')

      expect(await follow(after)).toBe('live')

      expect(frames()).toMatchObject([{ after: 2 }, { events: [{ sequence: 3 }, { sequence: 4 }] }])
    })

    it('keeps to a cursor that is within what is kept', async () => {
      const { append, follow, frames } = await topic()
      await append('d')
      await append('e')

      await follow(3)

      expect(frames()).toMatchObject([{ after: 3 }, { events: [{ sequence: 4 }] }])
    })
  })
})
