import { describe, expect, it, vi } from 'vitest'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { topicChannel } from '#shared/protocol/channel.ts'
import type { RealtimeEventFrame } from '#shared/protocol/socket-frame.ts'
import type { PostResult } from '#shared/streams/connection-poster.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { LOG_TTL_SECONDS } from '#shared/streams/stream-keys.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import { subscribe } from '#shared/streams/subscribe.ts'
import { topicPublisher } from '#shared/streams/topic-publisher.ts'
import { forEveryInterleaving, type Gate } from '../../helpers/interleavings.ts'
import { anEnvelope, aSubscription, senderTools } from '../../helpers/streams.ts'

const ref = { tenant: 'acme', channel: topicChannel('questions') }
const never = new AbortController().signal
const noGate: Gate = { steps: (port) => port, step: async (make) => make() }

type Post = { connectionId: string; post: number }

type Circumstances = { answer?: (post: Post) => PostResult; clock?: Clock; logSteps?: (keyof StreamLog)[] }

function stage(gate: Gate = noGate, { answer = () => ({ status: 'sent' }), clock, logSteps = [] }: Circumstances = {}) {
  const log = memoryStreamLog(clock)
  const poster = memoryConnectionPoster((connectionId, post) => answer({ connectionId, post }))
  const dependencies = {
    log: gate.steps(log, ['appendNext', 'read', ...logSteps]),
    subscriptions: gate.steps(memorySubscriptionStore(log), ['goLive', 'takeSender', 'releaseSender', 'listLive', 'remove']),
    poster,
    ...senderTools(),
    clock: systemClock,
  }
  /** Each message comes in a function of its own. */
  const publish = (id: string) => topicPublisher(dependencies).publish(ref.tenant, { ...anEnvelope({ id }), topic: 'questions' })
  const follow = (connectionId: string, after?: number) =>
    subscribe(dependencies, {
      ref,
      subscription: aSubscription({ connectionId, subscriptionId: `by-${connectionId}` }),
      after,
      signal: never,
    })
  const received = (connectionId: string) =>
    poster
      .framesOf(connectionId)
      .filter((frame): frame is RealtimeEventFrame => frame.message_type === 'realtime_event')
      .flatMap((frame) => frame.payload.events.map((event) => event.sequence))
  return { publish, follow, received, log, poster, dependencies }
}

describe('topicPublisher', () => {
  it('shows a message to everybody who follows the topic', async () => {
    const { publish, follow, received } = stage()
    await publish('before')
    await follow('from-now')
    await follow('from-start', -1)

    await publish('after')

    expect(received('from-now')).toEqual([1])
    expect(received('from-start')).toEqual([0, 1])
  })

  it('shows a message that is delivered twice once', async () => {
    const { publish, follow, received } = stage()
    await follow('c1')

    await publish('same')
    await publish('same')

    expect(received('c1')).toEqual([0])
  })

  it('shows messages of two sources that chose the same id', async () => {
    const { dependencies, follow, received } = stage()
    const publisher = topicPublisher(dependencies)
    await follow('c1')

    for (const source of ['/ours', '/theirs'])
      await publisher.publish(ref.tenant, { ...anEnvelope({ id: 'same', source }), topic: 'questions' })

    expect(received('c1')).toEqual([0, 1])
  })

  it('writes together what comes together', async () => {
    const { dependencies, follow, received, log } = stage()
    const appends = vi.spyOn(log, 'appendNext')
    const publisher = topicPublisher({ ...dependencies, log })
    await follow('c1')

    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        publisher.publish(ref.tenant, { ...anEnvelope({ id: `m${index}` }), topic: 'questions' }),
      ),
    )

    expect(received('c1')).toEqual(Array.from({ length: 20 }, (_, index) => index))
    expect(appends.mock.calls.length).toBeLessThan(5)
  })

  it('takes one message after the other', async () => {
    const { dependencies, follow, received } = stage()
    const publisher = topicPublisher(dependencies)
    await follow('c1')

    for (const id of ['a', 'b', 'c']) await publisher.publish(ref.tenant, { ...anEnvelope({ id }), topic: 'questions' })

    expect(received('c1')).toEqual([0, 1, 2])
  })

  it('writes together no more than an item of the log can hold', async () => {
    const { dependencies, log } = stage()
    const appends = vi.spyOn(log, 'appendNext')
    const publisher = topicPublisher({ ...dependencies, log })
    const large = (id: string) => ({ ...anEnvelope({ id, data: 'x'.repeat(190_000) }), topic: 'questions' })

    await Promise.all(['a', 'b', 'c', 'd'].map((id) => publisher.publish(ref.tenant, large(id))))

    const sizes = appends.mock.calls.map(([, events]) => JSON.stringify(events.map((event) => event.numbered(0))).length)
    expect(Math.max(...sizes)).toBeLessThan(400_000)
    expect(await log.lastSequence(ref)).toBe(3)
  })

  it('tells every publisher when the log cannot be written', async () => {
    const { dependencies, log } = stage()
    const publisher = topicPublisher({ ...dependencies, log: { ...log, appendNext: () => Promise.reject(new Error('down')) } })
    const publish = (id: string) => publisher.publish(ref.tenant, { ...anEnvelope({ id }), topic: 'questions' })

    const results = await Promise.allSettled([publish('a'), publish('b'), publish('c')])

    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected'])
  })

  it('keeps order and loses nothing in every interleaving of two writers and a handover', async () => {
    const runs = await forEveryInterleaving(async (gate) => {
      const { publish, follow, received } = stage(gate)
      await Promise.all([publish('a'), publish('b'), follow('c1', -1)])
      expect(received('c1')).toEqual([0, 1])
    })
    expect(runs).toBeGreaterThan(500)
  }, 60_000)

  it('keeps order and loses nothing in every interleaving of two writers and a live subscriber', async () => {
    await forEveryInterleaving(async (gate) => {
      const { publish, follow, received } = stage(gate)
      await follow('c1', -1)
      await Promise.all([publish('a'), publish('b')])
      expect(received('c1')).toEqual([0, 1])
    })
  }, 60_000)

  it('keeps order and loses nothing in every interleaving with a viewer that is cut and comes back', async () => {
    const runs = await forEveryInterleaving(async (gate) => {
      const cut = Promise.withResolvers<void>()
      const { publish, follow, received, poster } = stage(gate, {
        answer: ({ connectionId, post }) => ({ status: connectionId === 'c1' && post > 0 ? 'refused' : 'sent' }),
      })
      poster.close = async () => cut.resolve()
      const comeBack = () => cut.promise.then(() => follow('c2', -1))
      await follow('c1', -1)
      await Promise.all([publish('a'), publish('b'), comeBack()])
      expect(received('c1')).toEqual([])
      expect(received('c2')).toEqual([0, 1])
    })
    expect(runs).toBeGreaterThan(100)
  }, 60_000)

  it('begins without a gap in every interleaving of two writers and a cursor from before a pause of a day', async () => {
    await forEveryInterleaving(async (gate) => {
      let now = Date.now()
      const { publish, follow, received, poster } = stage(gate, { clock: { now: () => now }, logSteps: ['lastSequence'] })
      for (const id of ['a', 'b', 'c']) await publish(id)
      now += LOG_TTL_SECONDS * 1_000
      await Promise.all([publish('d'), publish('e'), follow('c1', 0)])
      expect(poster.framesOf('c1')[0]).toMatchObject({ payload: { after: 2 } })
      expect(received('c1')).toEqual([3, 4])
    })
  }, 60_000)
})
