import { describe, expect, it } from 'vitest'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import type { SubscriptionStore } from '#shared/streams/subscription-store.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'
import { aChannel, aChunk, aSubscription } from '../../helpers/streams.ts'

type Stores = { log: StreamLog; subscriptions: SubscriptionStore }

function inMemory(): Stores {
  const log = memoryStreamLog()
  return { log, subscriptions: memorySubscriptionStore(log) }
}

/** A topic that somebody follows. */
async function withFollower({ log, subscriptions }: Stores) {
  const [ref, subscription] = [aChannel({ channel: `topic:t${Math.random()}` }), aSubscription()]
  await subscriptions.beginReplay(ref, subscription)
  await subscriptions.goLive(ref, subscription, -1)
  return { log, subscriptions, ref }
}

const stores: [string, () => Stores][] = [
  ['memory', inMemory],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => Stores] => [
    name,
    () => ({
      log: dynamoStreamLog(client, tables.streams),
      subscriptions: dynamoSubscriptionStore(client, tables.streams),
    }),
  ]),
]

describe.each(stores)('SubscriptionStore on %s', (_name, open) => {
  it('shows a subscription to writers only after its handover', async () => {
    const { subscriptions } = open()
    const [ref, subscription] = [aChannel(), aSubscription({ answer: { responseTo: 'frame-1' } })]
    await subscriptions.beginReplay(ref, subscription)
    expect(await subscriptions.listLive(ref)).toEqual([])
    expect(await subscriptions.head(ref)).toEqual({ version: 0, cancelRequested: false })

    expect(await subscriptions.goLive(ref, subscription, -1)).toBe('live')

    expect(await subscriptions.listLive(ref)).toEqual([expect.objectContaining({ ...subscription, cursor: -1 })])
    expect(await subscriptions.head(ref)).toEqual({ version: 1, cancelRequested: false })
    expect(await subscriptions.head(ref, true)).toEqual({ version: 1, cancelRequested: false })
  })

  it('refuses the handover while the log holds more than was posted', async () => {
    const { log, subscriptions } = open()
    const [ref, subscription] = [aChannel(), aSubscription()]
    await log.append(ref, [aChunk(0)])
    await subscriptions.beginReplay(ref, subscription)

    expect(await subscriptions.goLive(ref, subscription, -1)).toBe('behind')
    expect(await subscriptions.listLive(ref)).toEqual([])
    expect(await subscriptions.goLive(ref, subscription, 0)).toBe('live')
  })

  it('lets a new subscription of the same connection replace the old', async () => {
    const { subscriptions } = open()
    const [ref, old] = [aChannel(), aSubscription()]
    const next = aSubscription({ connectionId: old.connectionId })
    await subscriptions.beginReplay(ref, old)
    await subscriptions.beginReplay(ref, next)

    expect(await subscriptions.goLive(ref, old, -1)).toBe('replaced')
    expect(await subscriptions.goLive(ref, next, -1)).toBe('live')
    expect((await subscriptions.listLive(ref)).map((live) => live.subscriptionId)).toEqual([next.subscriptionId])
  })

  it('removes a subscription and tells the writers by the version', async () => {
    const { subscriptions } = open()
    const [ref, subscription] = [aChannel(), aSubscription()]
    await subscriptions.beginReplay(ref, subscription)
    await subscriptions.goLive(ref, subscription, -1)

    await subscriptions.remove(ref, subscription.connectionId)
    await subscriptions.remove(ref, subscription.connectionId)

    expect(await subscriptions.listLive(ref)).toEqual([])
    expect(await subscriptions.head(ref)).toEqual({ version: 2, cancelRequested: false })
    expect(await subscriptions.goLive(ref, subscription, -1)).toBe('replaced')
  })

  it('removes only the subscription that is meant', async () => {
    const { subscriptions } = open()
    const [ref, old] = [aChannel(), aSubscription()]
    const next = aSubscription({ connectionId: old.connectionId })
    await subscriptions.beginReplay(ref, old)
    await subscriptions.beginReplay(ref, next)
    await subscriptions.goLive(ref, next, -1)

    await subscriptions.remove(ref, old.connectionId, old.subscriptionId)
    expect(await subscriptions.listLive(ref)).toMatchObject([{ subscriptionId: next.subscriptionId }])
    expect(await subscriptions.head(ref)).toEqual({ version: 1, cancelRequested: false })

    await subscriptions.remove(ref, next.connectionId, next.subscriptionId)
    expect(await subscriptions.listLive(ref)).toEqual([])
    expect(await subscriptions.head(ref)).toEqual({ version: 2, cancelRequested: false })
  })

  it('shows every writer that it is to stop, whether somebody follows or not', async () => {
    const { subscriptions } = open()
    const [ref, subscription] = [aChannel(), aSubscription()]

    await subscriptions.requestCancel(ref)
    await subscriptions.requestCancel(ref)

    expect(await subscriptions.head(ref)).toEqual({ version: 0, cancelRequested: true })
    expect(await subscriptions.head({ ...ref, tenant: 'other' })).toEqual({ version: 0, cancelRequested: false })
    await subscriptions.beginReplay(ref, subscription)
    await subscriptions.goLive(ref, subscription, -1)
    expect(await subscriptions.head(ref, true)).toEqual({ version: 1, cancelRequested: true })
  })

  it('keeps tenants apart', async () => {
    const { subscriptions } = open()
    const [ref, subscription] = [aChannel(), aSubscription()]
    await subscriptions.beginReplay(ref, subscription)
    await subscriptions.goLive(ref, subscription, -1)

    expect(await subscriptions.listLive({ ...ref, tenant: 'other' })).toEqual([])
  })

  it('gives the role of the sender to one, and back only when nothing is left to post', async () => {
    const { log, subscriptions } = open()
    const [ref, subscription] = [aChannel({ channel: `topic:t${Math.random()}` }), aSubscription()]
    const time = { now: 1_000, until: 2_000 }
    expect(await subscriptions.takeSender(ref, 'a', time)).toEqual({ result: 'nobody' })
    await subscriptions.beginReplay(ref, subscription)
    await subscriptions.goLive(ref, subscription, -1)

    expect(await subscriptions.takeSender(ref, 'a', time)).toEqual({ result: 'taken' })
    expect(await subscriptions.takeSender(ref, 'b', time)).toEqual({ result: 'busy' })
    await log.append(ref, [aChunk(0)])
    expect(await subscriptions.releaseSender(ref, 'a', -1)).toBe('behind')
    expect(await subscriptions.releaseSender(ref, 'a', 0)).toBe('released')
    expect(await subscriptions.takeSender(ref, 'b', time)).toEqual({ result: 'taken', posted: 0 })
  })

  it('gives the role again to who has it: the answer may have been lost on its way', async () => {
    const { subscriptions, ref } = await withFollower(open())

    for (let tries = 0; tries < 2; tries++) {
      expect(await subscriptions.takeSender(ref, 'a', { now: 1_000, until: 2_000 })).toEqual({ result: 'taken' })
    }
    expect(await subscriptions.takeSender(ref, 'b', { now: 1_000, until: 2_000 })).toEqual({ result: 'busy' })
  })

  it('takes the role back at any time, with what was posted', async () => {
    const { log, subscriptions, ref } = await withFollower(open())
    const time = { now: 1_000, until: 2_000 }
    await subscriptions.takeSender(ref, 'a', time)
    await log.append(ref, [aChunk(0)])
    await log.append(ref, [aChunk(1)])

    await subscriptions.yieldSender(ref, 'a', 0)

    expect(await subscriptions.takeSender(ref, 'b', time)).toEqual({ result: 'taken', posted: 0 })
    await subscriptions.yieldSender(ref, 'a', 1)
    expect(await subscriptions.takeSender(ref, 'c', time)).toEqual({ result: 'busy' })
  })

  it('lets another sender in once the lease has passed, and keeps the first one out', async () => {
    const { subscriptions, ref } = await withFollower(open())
    await subscriptions.takeSender(ref, 'a', { now: 1_000, until: 2_000 })

    expect(await subscriptions.takeSender(ref, 'b', { now: 2_001, until: 3_000 })).toEqual({ result: 'taken' })
    expect(await subscriptions.releaseSender(ref, 'a', -1)).toBe('lost')
  })
})
