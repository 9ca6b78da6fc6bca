import { describe, expect, it } from 'vitest'
import { systemClock } from '#shared/platform/clock.ts'
import { MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import type { RealtimeEventFrame, ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import type { PostResult } from '#shared/streams/connection-poster.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { LOG_TTL_SECONDS } from '#shared/streams/stream-keys.ts'
import { type SubscribeRequest, subscribe } from '#shared/streams/subscribe.ts'
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
  const dependencies = { log, subscriptions, poster, clock: systemClock }
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
