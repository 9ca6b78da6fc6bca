import { describe, expect, it, vi } from 'vitest'
import { topicChannel } from '#shared/protocol/channel.ts'
import type { RealtimeEventFrame } from '#shared/protocol/socket-frame.ts'
import type { PostResult } from '#shared/streams/connection-poster.ts'
import { sendFromLog } from '#shared/streams/log-sender.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { subscribe } from '#shared/streams/subscribe.ts'
import { aMessage, aSubscription, FAR_AWAY, senderTools } from '../../helpers/streams.ts'

const ref = { tenant: 'acme', channel: topicChannel('questions') }
const never = new AbortController().signal

/** A topic; `answer` says what becomes of the posts to a connection, and may take its time. */
function aTopic(answer: (connectionId: string) => PostResult | Promise<PostResult> = () => ({ status: 'sent' })) {
  let now = 0
  const log = memoryStreamLog()
  const clock = { now: () => now }
  const subscriptions = memorySubscriptionStore(log, clock)
  const poster = memoryConnectionPoster(answer)
  const tools = senderTools(clock)
  const dependencies = { log, subscriptions, poster, ...tools, clock }
  const append = (id: string, data: string = id) =>
    log.appendNext(ref, [{ id, numbered: (sequence) => aMessage(sequence, { id, data }) }])
  /** Goes live behind everything there is. */
  const watch = async (connectionId: string, subscriptionId = `by-${connectionId}`, until = FAR_AWAY) => {
    const subscription = aSubscription({ connectionId, subscriptionId, until })
    await subscriptions.beginReplay(ref, subscription)
    expect(await subscriptions.goLive(ref, subscription, await log.lastSequence(ref))).toBe('live')
  }
  const comeBack = (connectionId: string, after: number) =>
    subscribe(dependencies, {
      ref,
      subscription: aSubscription({ connectionId, subscriptionId: `${connectionId}-again` }),
      after,
      signal: never,
    })
  const received = (connectionId: string): number[] =>
    poster
      .framesOf(connectionId)
      .filter((frame): frame is RealtimeEventFrame => frame.message_type === 'realtime_event')
      .flatMap((frame) => frame.payload.events.map((event) => event.sequence))
  const live = async () => (await subscriptions.listLive(ref)).map(({ subscriptionId }) => subscriptionId)
  const isFree = async () => (await subscriptions.takeSender(ref, 'somebody', { now, until: now })).result === 'taken'
  const pass = (milliseconds: number) => {
    now += milliseconds
  }
  return { log, subscriptions, poster, dependencies, append, watch, comeBack, received, live, isFree, pass, tools }
}

describe('sendFromLog', () => {
  it('posts to everybody what came behind the sender before', async () => {
    const { dependencies, append, watch, received, isFree } = aTopic()
    await append('a')
    await watch('c1')
    await append('b')
    await watch('c2')
    await append('c')

    await sendFromLog(dependencies, ref)

    expect(received('c1')).toEqual([1, 2])
    expect(received('c2')).toEqual([2])
    expect(await isFree()).toBe(true)
  })

  it('posts all of an entry that reaches beyond a page', async () => {
    const { dependencies, log, watch, received } = aTopic()
    await watch('c1')
    for (let first = 0; first < 64; first += 16) {
      const ids = Array.from({ length: 16 }, (_, index) => `m${first + index}`)
      const events = ids.map((id) => ({ id, numbered: (sequence: number) => aMessage(sequence, { id }) }))
      await log.appendNext(ref, events)
    }

    await sendFromLog(dependencies, ref)

    expect(received('c1')).toEqual(Array.from({ length: 64 }, (_, index) => index))
  })

  it('does not read all that was said while nobody was there', async () => {
    const { dependencies, log, append, watch, received, live, comeBack } = aTopic()
    await watch('early')
    await sendFromLog(dependencies, ref)
    await dependencies.subscriptions.remove(ref, { connectionId: 'early' })
    for (let message = 0; message < 1_000; message++) await append(`m${message}`)
    await watch('late')
    expect(await live()).toEqual(['by-late'])
    await append('last')
    const read = vi.spyOn(log, 'read')

    await sendFromLog(dependencies, ref)

    expect(received('late')).toEqual([1_000])
    expect(read.mock.calls.length).toBeLessThan(5)
    expect(await comeBack('early', 990)).toBe('live')
    expect(received('early')).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1_000])
  })

  it('delays nobody for a slow viewer, which gets what piled up in one frame', async () => {
    const gate = Promise.withResolvers<PostResult>()
    const { dependencies, append, watch, received, poster } = aTopic((connectionId) =>
      connectionId === 'slow' ? gate.promise : { status: 'sent' },
    )
    await watch('slow')
    await watch('quick')
    await append('a')
    const sending = sendFromLog(dependencies, ref)
    await expect.poll(() => received('quick')).toEqual([0])

    // By somebody else, who finds the role taken and leaves.
    await append('b')
    await append('c')
    await sendFromLog(dependencies, ref)
    await expect.poll(() => received('quick')).toEqual([0, 1, 2])
    gate.resolve({ status: 'sent' })
    await sending

    expect(poster.framesOf('slow')).toMatchObject([
      { payload: { events: [{ sequence: 0 }] } },
      { payload: { events: [{ sequence: 1 }, { sequence: 2 }] } },
    ])
  })

  it.each([
    ['is throttled for too long', 'throttled'],
    ['fails for too long', 'failed'],
    ['refuses a frame', 'refused'],
    ['is gone', 'gone'],
  ] as const)('cuts a viewer that %s, so that it gets nothing behind the gap', async (_what, status) => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    let answer: PostResult = status === 'failed' ? { status, error: 'reset' } : { status }
    const { dependencies, append, watch, comeBack, received, live, poster } = aTopic((connectionId) =>
      connectionId === 'bad' ? answer : { status: 'sent' },
    )
    const liveWhenClosed: string[][] = []
    poster.close = async () => void liveWhenClosed.push(await live())
    await watch('bad')
    await watch('good')
    await append('a')

    await sendFromLog(dependencies, ref)
    answer = { status: 'sent' }
    await append('b')
    await sendFromLog(dependencies, ref)

    expect(received('bad')).toEqual([])
    expect(received('good')).toEqual([0, 1])
    expect(liveWhenClosed).toEqual([['by-good']])
    await comeBack('bad', -1)
    expect(received('bad')).toEqual([0, 1])
  })

  it('cuts a viewer whose posts succeed too slowly', async () => {
    const { dependencies, append, watch, received, live, pass } = aTopic((connectionId) => {
      if (connectionId === 'slow') pass(4_500)
      return { status: 'sent' }
    })
    await watch('slow')
    for (const id of ['a', 'b', 'c']) await append(id, 'x'.repeat(20_000))

    await sendFromLog(dependencies, ref)

    expect(received('slow')).toEqual([0])
    expect(await live()).toEqual([])
  })

  it('leaves a new subscription of the connection alone when it cuts the old one', async () => {
    const { dependencies, append, watch, live } = aTopic(async (connectionId) => {
      if (connectionId === 'c1') await watch('c1', 'new')
      return { status: 'refused' }
    })
    await watch('c1', 'old')
    await append('a')

    await sendFromLog(dependencies, ref)

    expect(await live()).toEqual(['new'])
  })

  it('gives the role back, and says that the message must come again, when there is no end in time', async () => {
    const { dependencies, append, watch, received, isFree, pass } = aTopic(async () => {
      pass(3_000)
      if (endless) await append(`and another ${Math.random()}`)
      return { status: 'sent' }
    })
    let endless = true
    await watch('c1')
    await append('a')

    await expect(sendFromLog(dependencies, ref)).rejects.toMatchObject({ code: 'unavailable', retryable: true })

    const sent = received('c1')
    expect(sent).toEqual([0, 1, 2])
    endless = false
    await sendFromLog(dependencies, ref)
    expect(received('c1')).toEqual([0, 1, 2, 3])
    expect(await isFree()).toBe(true)
  })

  it('gives the role back when a store fails, and posts again from where it began', async () => {
    const { dependencies, subscriptions, append, watch, received, live } = aTopic((connectionId) =>
      connectionId === 'bad' ? { status: 'refused' } : { status: 'sent' },
    )
    await watch('bad')
    await watch('good')
    await append('a')
    const { remove } = subscriptions
    subscriptions.remove = () => Promise.reject(new Error('the table throttles'))

    await expect(sendFromLog(dependencies, ref)).rejects.toThrow('the table throttles')
    subscriptions.remove = remove
    await sendFromLog(dependencies, ref)

    expect(received('good')).toEqual([0, 0])
    expect(await live()).toEqual(['by-good'])
  })

  it('gives the role back when it cannot find out where to begin', async () => {
    const { dependencies, append, watch, received, log, subscriptions, isFree } = aTopic()
    for (let message = 0; message < 60; message++) await append(`m${message}`)
    await watch('c1')
    await append('a')
    vi.spyOn(log, 'lastSequence').mockRejectedValueOnce(new Error('the table throttles'))
    vi.spyOn(subscriptions, 'listLive').mockRejectedValueOnce(new Error('the table throttles'))

    await expect(sendFromLog(dependencies, ref)).rejects.toThrow('the table throttles')
    expect(await isFree()).toBe(true)
    await subscriptions.yieldSender(ref, 'somebody', -1)
    await expect(sendFromLog(dependencies, ref)).rejects.toThrow('the table throttles')
    await sendFromLog(dependencies, ref)

    expect(received('c1')).toEqual([60])
  })

  it('tells the shards though nobody else watches', async () => {
    const { dependencies, append, log, subscriptions, tools } = aTopic()
    for (let message = 0; message < 60; message++) await append(`m${message}`)
    const place = { ...ref, shard: 1 }
    const subscription = aSubscription({ connectionId: 'c1' })
    await subscriptions.beginReplay(place, subscription)
    await subscriptions.goLive(place, subscription, await log.lastSequence(ref))
    await append('a')

    await sendFromLog(dependencies, ref)

    expect(tools.connectionTasks.sent.map(({ task }) => task)).toEqual([{ task: 'send', ...place }])
  })

  it('goes on behind a message that is too large for a frame', async () => {
    const { dependencies, append, watch, poster } = aTopic()
    await watch('c1')
    await append('large', 'x'.repeat(190_000))
    await append('small')

    await sendFromLog(dependencies, ref)

    const events = poster.framesOf('c1').flatMap((frame) => (frame.message_type === 'realtime_event' ? frame.payload.events : []))
    expect(events).toMatchObject([
      { sequence: 0, data: { id: 'large', data: null, dataref: '/v1/topics/questions/events?after=-1&limit=1' } },
      { sequence: 1, data: { id: 'small', data: 'small' } },
    ])
  })

  it('posts nothing to a viewer whose time is over, and sees it off', async () => {
    const { dependencies, append, watch, received, live, poster, pass, subscriptions } = aTopic()
    await watch('short', 'by-short', 10_000)
    await watch('prolonged', 'by-prolonged', 10_000)
    await watch('long')
    await append('a')
    await sendFromLog(dependencies, ref)
    await subscriptions.prolong(ref, { connectionId: 'prolonged' }, 60_000)
    pass(10_000)

    await append('b')
    await sendFromLog(dependencies, ref)

    expect(received('short')).toEqual([0])
    expect([received('prolonged'), received('long')]).toEqual([
      [0, 1],
      [0, 1],
    ])
    expect(poster.closed).toEqual(['short'])
    expect(await live()).toEqual(['by-prolonged', 'by-long'])
  })

  it('slows down the posts of the account when one is answered with 429', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    let refusals = 1
    const { dependencies, append, watch, received, tools } = aTopic(() => ({ status: refusals-- > 0 ? 'throttled' : 'sent' }))
    await watch('c1')
    await append('a')

    await sendFromLog(dependencies, ref)

    expect(received('c1')).toEqual([0])
    expect(tools.callbackBudget.pressure()).toBe(1)
  })

  it('gives the role back only when the shards have been told', async () => {
    const { dependencies, append, watch, subscriptions, tools, isFree } = aTopic()
    await watch('c1')
    const far = aSubscription()
    await subscriptions.beginReplay({ ...ref, shard: 1 }, far)
    await subscriptions.goLive({ ...ref, shard: 1 }, far, -1)
    await append('a')
    const { send } = tools.connectionTasks
    tools.connectionTasks.send = () => Promise.reject(new Error('the queue throttles'))

    await expect(sendFromLog(dependencies, ref)).rejects.toThrow('the queue throttles')
    tools.connectionTasks.send = send
    await sendFromLog(dependencies, ref)

    expect(tools.connectionTasks.sent.map(({ task }) => task)).toEqual([{ task: 'send', ...ref, shard: 1 }])
    expect(await isFree()).toBe(true)
  })
})
