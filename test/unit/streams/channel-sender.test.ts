import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RealtimeEventFrame } from '#shared/protocol/socket-frame.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { channelSender } from '#shared/streams/channel-sender.ts'
import type { PostResult } from '#shared/streams/connection-poster.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import type { Subscription } from '#shared/streams/subscription-store.ts'
import { aChannel, aChunk, aCompletion, aSubscription, senderTools } from '../../helpers/streams.ts'

const soon = (): AbortSignal => AbortSignal.timeout(10_000)

async function setUp(answer?: (connectionId: string, post: number) => PostResult | Promise<PostResult>) {
  const ref = aChannel()
  const log = memoryStreamLog()
  let now = Date.now()
  const clock = { now: () => now }
  const subscriptions = memorySubscriptionStore(log, clock)
  const poster = memoryConnectionPoster(answer)
  const tools = senderTools(clock)
  const dependencies = { log, subscriptions, poster, ...tools, clock }
  const follow = async (subscription: Subscription, cursor = -1): Promise<void> => {
    await subscriptions.beginReplay(ref, subscription)
    expect(await subscriptions.goLive(ref, subscription, cursor)).toBe('live')
  }
  const append = async (sender: ReturnType<typeof channelSender>, ...events: ExecutionEvent[]): Promise<void> => {
    await log.append(ref, events)
    await sender.appended(events)
  }
  const received = (connectionId: string): number[][] =>
    poster
      .framesOf(connectionId)
      .filter((frame): frame is RealtimeEventFrame => frame.message_type === 'realtime_event')
      .map((frame) => frame.payload.events.map((event) => event.sequence))
  const pass = (milliseconds: number): void => {
    now += milliseconds
  }
  const nudged = (): number[] => tools.connectionTasks.sent.map(({ task }) => (task.task === 'send' ? task.shard : -1))
  return { ref, log, subscriptions, poster, tools, dependencies, follow, append, received, pass, nudged, clock }
}

describe('channelSender', () => {
  it('posts nothing, and reads no list, while nobody is subscribed', async () => {
    const { dependencies, ref, append, poster, subscriptions } = await setUp()
    const listLive = vi.spyOn(subscriptions, 'listLive')
    const sender = channelSender(dependencies, ref)

    await append(sender, aChunk(0))
    await append(sender, aCompletion(1))
    await sender.drain('', soon())

    expect(poster.frames).toEqual([])
    expect(listLive).not.toHaveBeenCalled()
  })

  it('gathers for a slow connection into one bigger frame, and delays nobody else', async () => {
    const gate = Promise.withResolvers<PostResult>()
    const { dependencies, ref, follow, append, received } = await setUp((connectionId, post) =>
      connectionId === 'slow' && post < 2 ? gate.promise : { status: 'sent' },
    )
    await follow(aSubscription({ connectionId: 'slow', subscriptionId: 's1' }))
    await follow(aSubscription({ connectionId: 'quick', subscriptionId: 's2' }))
    const sender = channelSender(dependencies, ref)

    for (let sequence = 0; sequence < 4; sequence++) await append(sender, aChunk(sequence))
    await expect.poll(() => received('quick').flat()).toEqual([0, 1, 2, 3])
    expect(received('slow')).toEqual([])
    gate.resolve({ status: 'sent' })
    await append(sender, aCompletion(4))
    await sender.drain('', soon())

    expect(received('slow')[0]).toEqual([0])
    expect(received('slow')[1]?.length).toBeGreaterThan(1)
    expect(received('slow').flat()).toEqual([0, 1, 2, 3, 4])
    expect(received('quick').flat()).toEqual([0, 1, 2, 3, 4])
  })

  describe('while the writer has nothing to say', () => {
    beforeEach(() => void vi.useFakeTimers())
    afterEach(() => void vi.useRealTimers())

    it('serves those who came between two looks', async () => {
      const { dependencies, ref, subscriptions, follow, append, received, nudged } = await setUp()
      await follow(aSubscription({ connectionId: 'first' }))
      const sender = channelSender(dependencies, ref)
      const unwatch = sender.onCancelRequested(() => undefined)
      await append(sender, aChunk(0))
      await follow(aSubscription({ connectionId: 'newcomer' }), 0)
      const inShard = aSubscription({ connectionId: 'in a shard' })
      await subscriptions.beginReplay({ ...ref, shard: 1 }, inShard)
      await subscriptions.goLive({ ...ref, shard: 1 }, inShard, 0)
      await append(sender, aChunk(1))

      await vi.advanceTimersByTimeAsync(700)

      expect(received('first').flat()).toEqual([0, 1])
      expect(received('newcomer').flat()).toEqual([1])
      expect(nudged()).toEqual([1])
      unwatch()
    })

    it('tells the shards again when nobody could be told before', async () => {
      const { dependencies, ref, subscriptions, append, nudged, tools } = await setUp()
      const inShard = aSubscription({ connectionId: 'in a shard' })
      await subscriptions.beginReplay({ ...ref, shard: 1 }, inShard)
      await subscriptions.goLive({ ...ref, shard: 1 }, inShard, -1)
      const sender = channelSender(dependencies, ref)
      const unwatch = sender.onCancelRequested(() => undefined)
      vi.spyOn(tools.connectionTasks, 'send').mockRejectedValueOnce(new Error('the queue is out of reach'))
      await append(sender, aChunk(0))
      expect(nudged()).toEqual([])

      await vi.advanceTimersByTimeAsync(700)

      expect(nudged()).toEqual([1])
      unwatch()
    })
  })

  it('looks at the viewers one look after the other, so that an old list drops nobody', async () => {
    const { dependencies, ref, subscriptions, follow, append, received, pass } = await setUp()
    await follow(aSubscription({ connectionId: 'first' }))
    const sender = channelSender(dependencies, ref)
    await append(sender, aChunk(0))
    await follow(aSubscription({ connectionId: 'second' }), 0)
    const listLive = subscriptions.listLive.bind(subscriptions)
    const late = Promise.withResolvers<void>()
    vi.spyOn(subscriptions, 'listLive').mockImplementationOnce(async (...parameters) => {
      const list = await listLive(...parameters)
      await late.promise
      return list
    })
    // Nobody looks: it is too soon.
    await append(sender, aChunk(1))
    const catchingUp = sender.caughtUp(soon())
    await follow(aSubscription({ connectionId: 'third' }), 1)
    pass(1_000)
    const appending = append(sender, aChunk(2))
    await vi.waitFor(() => expect(received('first').flat()).toEqual([0, 1, 2]))
    late.resolve()
    await Promise.all([catchingUp, appending])
    await append(sender, aCompletion(3))
    await sender.drain('', soon())

    expect(received('second').flat()).toEqual([1, 2, 3])
    expect(received('third').flat()).toEqual([2, 3])
  })

  it('tries again after 429 and passing errors, and reports the load', async () => {
    const { dependencies, ref, follow, append, received } = await setUp((_connection, post) => {
      if (post === 0) return { status: 'throttled' }
      return post === 1 ? { status: 'failed', error: 'reset' } : { status: 'sent' }
    })
    await follow(aSubscription({ connectionId: 'c1', subscriptionId: 's1' }))
    const sender = channelSender(dependencies, ref)

    await append(sender, aChunk(0))
    await append(sender, aCompletion(1))
    await sender.drain('', soon())

    expect(received('c1').flat()).toEqual([0, 1])
    expect(sender.load()).toEqual({ viewers: 1, pressure: expect.closeTo(1, 1) })
  })

  it.each([
    ['is gone', 'gone'],
    ['will never take a frame', 'refused'],
  ] as const)('forgets a connection that %s', async (_what, status) => {
    const { dependencies, ref, follow, append, subscriptions } = await setUp(() => ({ status }))
    await follow(aSubscription({ connectionId: 'c1', subscriptionId: 's1' }))
    const sender = channelSender(dependencies, ref)

    await append(sender, aChunk(0))
    await sender.drain('', soon())

    expect(await subscriptions.listLive(ref)).toEqual([])
    expect(sender.load().viewers).toBe(0)
  })

  it('closes a connection that is still behind at the end, so that its client comes back', async () => {
    const { dependencies, ref, follow, append, poster } = await setUp(() => ({ status: 'throttled' }))
    await follow(aSubscription({ connectionId: 'c1', subscriptionId: 's1' }))
    const sender = channelSender(dependencies, ref)

    await append(sender, aCompletion(0))
    await sender.drain('', AbortSignal.timeout(30))

    expect(poster.closed).toEqual(['c1'])
  })

  it('serves a viewer that comes late, and one that lags behind the memory, from the log', async () => {
    const { dependencies, ref, log, follow, append, received } = await setUp()
    await log.append(ref, [aChunk(0)])
    await log.append(ref, [aChunk(1)])
    await follow(aSubscription({ connectionId: 'c1', subscriptionId: 's1' }), 1)
    const taker = channelSender(dependencies, ref, -1)

    await append(taker, aChunk(2))
    await taker.drain('', soon())

    expect(received('c1').flat()).toEqual([2])
  })

  it('catches up from where the writer before had posted to everybody', async () => {
    const { dependencies, ref, log, follow, append, received } = await setUp()
    await follow(aSubscription({ connectionId: 'c1', subscriptionId: 's1' }))
    for (let sequence = 0; sequence < 3; sequence++) await log.append(ref, [aChunk(sequence)])
    const taker = channelSender(dependencies, ref, 0)

    await append(taker, aChunk(3))
    await taker.drain('', soon())

    expect(received('c1').flat()).toEqual([1, 2, 3])
    expect(taker.postedThrough()).toBe(3)
  })

  it('answers the request that made the execution, after its last event', async () => {
    const { dependencies, ref, follow, append, poster } = await setUp()
    await follow(aSubscription({ connectionId: 'c1', subscriptionId: 's1', answer: { responseTo: 'frame-1' } }))
    const sender = channelSender(dependencies, ref)

    await append(sender, aChunk(0, 'A gate.'), aCompletion(1))
    await sender.drain('A gate.', soon())

    expect(poster.framesOf('c1').map((frame) => frame.message_type)).toEqual(['realtime_event', 'agent_response'])
    expect(poster.framesOf('c1').at(-1)).toMatchObject({
      response_to: 'frame-1',
      payload: { executionId: 'execution-1', status: 'completed', output: { text: 'A gate.' }, events: 2 },
    })
  })

  it('posts nothing to a viewer whose time is over, and sees it off', async () => {
    const { dependencies, ref, follow, append, received, poster, subscriptions, pass, clock } = await setUp()
    await follow(aSubscription({ connectionId: 'short', until: clock.now() + 10_000 }))
    await follow(aSubscription({ connectionId: 'long' }))
    const sender = channelSender(dependencies, ref)
    await append(sender, aChunk(0))
    await sender.caughtUp(soon())
    pass(10_000)

    await append(sender, aChunk(1))
    await append(sender, aCompletion(2))
    await sender.drain('', soon())

    expect(received('short').flat()).toEqual([0])
    expect(received('long').flat()).toEqual([0, 1, 2])
    expect(poster.closed).toEqual(['short'])
    expect(await subscriptions.listLive(ref, true)).toMatchObject([{ connectionId: 'long' }])
  })

  it('goes on with a viewer that was prolonged, however long it was silent', async () => {
    const { dependencies, ref, follow, append, received, subscriptions, pass, clock } = await setUp()
    const subscription = aSubscription({ connectionId: 'c1', until: clock.now() + 10_000 })
    await follow(subscription)
    const sender = channelSender(dependencies, ref)
    await append(sender, aChunk(0))

    await subscriptions.prolong(ref, subscription, clock.now() + 60_000)
    pass(30_000)
    await append(sender, aCompletion(1))
    await sender.drain('', soon())

    expect(received('c1').flat()).toEqual([0, 1])
  })

  it('says in one event what piled up for a viewer that takes packed events', async () => {
    const gate = Promise.withResolvers<PostResult>()
    const { dependencies, ref, follow, append, poster } = await setUp((_connection, post) =>
      post === 0 ? gate.promise : { status: 'sent' },
    )
    await follow(aSubscription({ connectionId: 'c1', packed: true }))
    const sender = channelSender(dependencies, ref)
    for (let sequence = 0; sequence < 4; sequence++) await append(sender, aChunk(sequence))
    gate.resolve({ status: 'sent' })

    await append(sender, aCompletion(4))
    await sender.drain('', soon())

    const events = poster.framesOf('c1').flatMap((frame) => (frame.message_type === 'realtime_event' ? frame.payload.events : []))
    expect(events).toMatchObject([
      { sequence: 0, data: { text: 't0 ' } },
      { from: 1, sequence: 3, data: { text: 't1 t2 t3 ' } },
      { sequence: 4 },
    ])
  })

  it('tells those who post to the shards of every append, and waits only for the last', async () => {
    const { dependencies, ref, subscriptions, append, tools, nudged, poster } = await setUp()
    for (const shard of [1, 2]) {
      const subscription = aSubscription()
      await subscriptions.beginReplay({ ...ref, shard }, subscription)
      await subscriptions.goLive({ ...ref, shard }, subscription, -1)
    }
    const sender = channelSender(dependencies, ref)
    const { send } = tools.connectionTasks
    tools.connectionTasks.send = () => new Promise(() => undefined)
    await append(sender, aChunk(0))
    tools.connectionTasks.send = send

    const working = channelSender(dependencies, ref)
    await append(working, aChunk(1))
    await append(working, aCompletion(2))
    await working.drain('', soon())

    expect(nudged()).toEqual([1, 2, 1, 2])
    expect(poster.frames).toEqual([])
  })

  it('does not take an end for told that the shards could not be told of', async () => {
    const { dependencies, ref, subscriptions, append, tools, nudged } = await setUp()
    const subscription = aSubscription()
    await subscriptions.beginReplay({ ...ref, shard: 1 }, subscription)
    await subscriptions.goLive({ ...ref, shard: 1 }, subscription, -1)
    const sender = channelSender(dependencies, ref)
    const { send } = tools.connectionTasks
    tools.connectionTasks.send = () => Promise.reject(new Error('the queue throttles'))
    const end = aCompletion(0)

    await expect(append(sender, end)).rejects.toThrow('the queue throttles')
    tools.connectionTasks.send = send
    await sender.appended([end])

    expect(nudged()).toEqual([1])
  })
})
