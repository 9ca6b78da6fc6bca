import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import type { Clock } from '#shared/platform/clock.ts'
import { VIEWERS_PER_SHARD } from '#shared/protocol/limits.ts'
import type { ChannelRef } from '#shared/streams/channel-ref.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { subscriptionKey } from '#shared/streams/stream-keys.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import {
  PROLONG_MARGIN_MS,
  type Subscription,
  type SubscriptionStore,
  type ViewersRef,
} from '#shared/streams/subscription-store.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'
import { loseAnswers } from '../../helpers/lost-answers.ts'
import { aChannel, aChunk, aSubscription } from '../../helpers/streams.ts'

type Stores = { log: StreamLog; subscriptions: SubscriptionStore }
type Open = (clock?: Clock) => Stores

const inMemory: Open = (clock) => {
  const log = memoryStreamLog()
  return { log, subscriptions: memorySubscriptionStore(log, clock) }
}

const stores: [string, Open][] = [
  ['memory', inMemory],
  ...dynamoBackends().map(({ name, client, tables }): [string, Open] => [
    name,
    (clock) => ({
      log: dynamoStreamLog(client, tables.streams),
      subscriptions: dynamoSubscriptionStore(client, tables.streams, clock),
    }),
  ]),
]

/** Somebody who is live. */
async function follow(
  subscriptions: SubscriptionStore,
  ref: ViewersRef,
  subscription: Subscription = aSubscription(),
): Promise<Subscription> {
  await subscriptions.beginReplay(ref, subscription)
  expect(await subscriptions.goLive(ref, subscription, -1)).toBe('live')
  return subscription
}

/** A topic that somebody follows. */
async function withFollower({ log, subscriptions }: Stores) {
  const ref = aChannel({ channel: `topic:t${Math.random()}` })
  await follow(subscriptions, ref)
  return { log, subscriptions, ref }
}

/** As many live viewers as one place takes, a few at a time: their handovers change one head. */
async function fill(subscriptions: SubscriptionStore, ref: ViewersRef): Promise<void> {
  for (let viewer = 0; viewer < VIEWERS_PER_SHARD; viewer++) await follow(subscriptions, ref)
}

const head = (version: number, others: { cancelRequested?: boolean; shards?: number } = {}) => ({
  version,
  cancelRequested: false,
  shards: 0,
  ...others,
})
const liveIn = async (subscriptions: SubscriptionStore, ref: ViewersRef): Promise<string[]> =>
  (await subscriptions.listLive(ref)).map(({ subscriptionId }) => subscriptionId)
const shardOf = (ref: ChannelRef, shard: number) => ({ ...ref, shard })

describe.each(stores)('SubscriptionStore on %s', (_name, open) => {
  it('shows a subscription to writers only after its handover', async () => {
    const { subscriptions } = open()
    const ref = aChannel()
    const subscription = aSubscription({
      operation: 'op#1',
      packed: true,
      view: { kind: 'graphql', id: 'op#1', key: 'answer', fields: [['text', 'content']] },
      answer: { responseTo: 'frame-1' },
    })
    await subscriptions.beginReplay(ref, subscription)
    expect(await subscriptions.listLive(ref)).toEqual([])
    expect(await subscriptions.head(ref)).toEqual(head(0))

    expect(await subscriptions.goLive(ref, subscription, -1)).toBe('live')

    expect(await subscriptions.listLive(ref)).toEqual([{ ...subscription, cursor: -1 }])
    expect(await subscriptions.head(ref)).toEqual(head(1))
    expect(await subscriptions.head(ref, true)).toEqual(head(1))
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

  it('hands over once, however often it is asked to', async () => {
    const { subscriptions } = open()
    const ref = aChannel()
    const subscription = await follow(subscriptions, ref)

    expect(await subscriptions.goLive(ref, subscription, -1)).toBe('live')
    expect(await subscriptions.head(ref)).toEqual(head(1))
  })

  it('lets a new subscription of the same connection replace the old', async () => {
    const { subscriptions } = open()
    const [ref, old] = [aChannel(), aSubscription()]
    const next = aSubscription({ connectionId: old.connectionId })
    await subscriptions.beginReplay(ref, old)
    await subscriptions.beginReplay(ref, next)

    expect(await subscriptions.goLive(ref, old, -1)).toBe('replaced')
    expect(await subscriptions.goLive(ref, next, -1)).toBe('live')
    expect(await liveIn(subscriptions, ref)).toEqual([next.subscriptionId])
  })

  it('ends a live subscription that a new one replaces, for the writers too', async () => {
    const { subscriptions } = open()
    const ref = aChannel()
    const old = await follow(subscriptions, ref)
    const next = aSubscription({ connectionId: old.connectionId })

    await subscriptions.beginReplay(ref, next)

    expect(await liveIn(subscriptions, ref)).toEqual([])
    expect(await subscriptions.head(ref)).toEqual(head(2))
    expect(await subscriptions.goLive(ref, old, -1)).toBe('replaced')
    expect(await subscriptions.goLive(ref, next, -1)).toBe('live')
  })

  it('keeps the operations of one connection apart', async () => {
    const { subscriptions } = open()
    const [ref, first] = [aChannel(), aSubscription({ operation: '1' })]
    const second = aSubscription({ connectionId: first.connectionId, operation: '2' })
    const whole = aSubscription({ connectionId: first.connectionId })
    for (const subscription of [first, second, whole]) await follow(subscriptions, ref, subscription)

    await subscriptions.remove(ref, first)

    expect((await liveIn(subscriptions, ref)).toSorted()).toEqual([second.subscriptionId, whole.subscriptionId].toSorted())
  })

  it('removes a subscription and tells the writers by the version', async () => {
    const { subscriptions } = open()
    const ref = aChannel()
    const subscription = await follow(subscriptions, ref)

    await subscriptions.remove(ref, subscription)
    await subscriptions.remove(ref, subscription)

    expect(await subscriptions.listLive(ref)).toEqual([])
    expect(await subscriptions.head(ref)).toEqual(head(2))
    expect(await subscriptions.goLive(ref, subscription, -1)).toBe('replaced')
  })

  it('removes a subscription that replays, of which the writers know nothing', async () => {
    const { subscriptions } = open()
    const [ref, subscription] = [aChannel(), aSubscription()]
    await subscriptions.beginReplay(ref, subscription)

    await subscriptions.remove(ref, subscription, subscription.subscriptionId)

    expect(await subscriptions.goLive(ref, subscription, -1)).toBe('replaced')
    expect(await subscriptions.head(ref)).toEqual(head(0))
  })

  it('removes only the subscription that is meant', async () => {
    const { subscriptions } = open()
    const [ref, old] = [aChannel(), aSubscription()]
    const next = aSubscription({ connectionId: old.connectionId })
    await subscriptions.beginReplay(ref, old)
    await follow(subscriptions, ref, next)

    await subscriptions.remove(ref, old, old.subscriptionId)
    expect(await liveIn(subscriptions, ref)).toEqual([next.subscriptionId])
    expect(await subscriptions.head(ref)).toEqual(head(1))

    await subscriptions.remove(ref, next, next.subscriptionId)
    expect(await subscriptions.listLive(ref)).toEqual([])
    expect(await subscriptions.head(ref)).toEqual(head(2))
  })

  it('leaves out who has come to an end, and lets nobody come back from it', async () => {
    let now = Date.now()
    const { subscriptions } = open({ now: () => now })
    const ref = aChannel()
    const [short, long] = [aSubscription({ until: now + 10_000 }), aSubscription({ until: now + 20_000 })]
    for (const subscription of [short, long]) await follow(subscriptions, ref, subscription)
    now += 10_000 - PROLONG_MARGIN_MS

    await subscriptions.prolong(ref, short, now + 60_000)
    await subscriptions.prolong(ref, long, now + 60_000)
    expect(await subscriptions.head(ref)).toEqual(head(3))
    now += 20_000

    expect(await subscriptions.listLive(ref)).toMatchObject([{ subscriptionId: long.subscriptionId, until: now + 40_000 }])
    const both = [short, long].map(({ subscriptionId }) => subscriptionId).toSorted()
    expect((await subscriptions.listLive(ref, true)).map(({ subscriptionId }) => subscriptionId).toSorted()).toEqual(both)
  })

  it('prolongs one that replays, and nothing where there is none', async () => {
    const { subscriptions } = open()
    const [ref, subscription] = [aChannel(), aSubscription({ until: Date.now() + 60_000 })]
    await subscriptions.prolong(ref, subscription, Date.now() + 120_000)
    expect(await subscriptions.head(ref)).toEqual(head(0))
    await subscriptions.beginReplay(ref, subscription)
    const until = Date.now() + 120_000

    await subscriptions.prolong(ref, subscription, until)
    await subscriptions.goLive(ref, subscription, -1)

    expect(await subscriptions.listLive(ref)).toEqual([{ ...subscription, until, cursor: -1 }])
  })

  it('shows every writer that it is to stop, whether somebody follows or not', async () => {
    const { subscriptions } = open()
    const ref = aChannel()

    await subscriptions.requestCancel(ref)
    await subscriptions.requestCancel(ref)

    expect(await subscriptions.head(ref)).toEqual(head(0, { cancelRequested: true }))
    expect(await subscriptions.head({ ...ref, tenant: 'other' })).toEqual(head(0))
    await follow(subscriptions, ref)
    expect(await subscriptions.head(ref, true)).toEqual(head(1, { cancelRequested: true }))
  })

  it('keeps tenants apart', async () => {
    const { subscriptions } = open()
    const ref = aChannel()
    const subscription = await follow(subscriptions, ref)
    const theirs = { ...ref, tenant: 'other' }

    await subscriptions.remove(theirs, subscription)
    await subscriptions.prolong(theirs, subscription, Date.now() + 60_000)

    expect(await subscriptions.listLive(theirs)).toEqual([])
    expect(await subscriptions.listLive(ref)).toEqual([{ ...subscription, cursor: -1 }])
  })

  it('keeps a shard apart from the rest, and shows the writer that it is there', async () => {
    const { log, subscriptions } = open()
    const ref = aChannel()
    const first = await follow(subscriptions, shardOf(ref, 1))
    const third = await follow(subscriptions, shardOf(ref, 3))
    await follow(subscriptions, shardOf(ref, 1))

    expect(await subscriptions.listLive(ref)).toEqual([])
    expect(await subscriptions.head(ref)).toEqual(head(0, { shards: 3 }))
    expect(await subscriptions.head(shardOf(ref, 1))).toEqual(head(2))
    expect(await liveIn(subscriptions, shardOf(ref, 3))).toEqual([third.subscriptionId])
    await subscriptions.remove(shardOf(ref, 1), first)
    expect(await subscriptions.head(shardOf(ref, 1), true)).toEqual(head(3))
    await log.append(ref, [aChunk(0)])
    const late = aSubscription()
    await subscriptions.beginReplay(shardOf(ref, 2), late)
    expect(await subscriptions.goLive(shardOf(ref, 2), late, -1)).toBe('behind')
  })

  it('gives each shard a sender of its own', async () => {
    const { log, subscriptions } = open()
    const ref = aChannel({ channel: `topic:t${Math.random()}` })
    for (const place of [ref, shardOf(ref, 1)]) await follow(subscriptions, place)
    const time = { now: 1_000, until: 2_000 }

    expect(await subscriptions.takeSender(ref, 'a', time)).toEqual({ result: 'taken' })
    expect(await subscriptions.takeSender(shardOf(ref, 1), 'b', time)).toEqual({ result: 'taken' })
    expect(await subscriptions.takeSender(shardOf(ref, 1), 'c', time)).toEqual({ result: 'busy' })
    expect(await subscriptions.takeSender(shardOf(ref, 2), 'd', time)).toEqual({ result: 'nobody' })
    await log.append(ref, [aChunk(0)])
    expect(await subscriptions.releaseSender(shardOf(ref, 1), 'b', -1)).toBe('behind')
    expect(await subscriptions.releaseSender(shardOf(ref, 1), 'b', 0)).toBe('released')
  })

  it('drops the last shard once nobody is live in it', async () => {
    const { subscriptions } = open()
    const ref = aChannel()
    const [one, two] = [await follow(subscriptions, shardOf(ref, 1)), await follow(subscriptions, shardOf(ref, 2))]
    await subscriptions.remove(shardOf(ref, 1), one)

    await subscriptions.dropShard(shardOf(ref, 1))
    await subscriptions.dropShard(shardOf(ref, 2))
    expect(await subscriptions.head(ref)).toEqual(head(0, { shards: 2 }))

    await subscriptions.remove(shardOf(ref, 2), two)
    await subscriptions.dropShard(shardOf(ref, 2))
    await subscriptions.dropShard(shardOf(ref, 1))
    await subscriptions.dropShard(shardOf(ref, 1))
    expect(await subscriptions.head(ref)).toEqual(head(0))
    await follow(subscriptions, shardOf(ref, 1))
    expect(await subscriptions.head(ref)).toEqual(head(0, { shards: 1 }))
  })

  it('never drops a shard that somebody comes to', async () => {
    const { subscriptions } = open()
    for (let round = 0; round < 5; round++) {
      const ref = aChannel()
      await subscriptions.remove(shardOf(ref, 1), await follow(subscriptions, shardOf(ref, 1)))
      const comer = aSubscription()
      await subscriptions.beginReplay(shardOf(ref, 1), comer)

      const [, result] = await Promise.all([
        subscriptions.dropShard(shardOf(ref, 1)),
        subscriptions.goLive(shardOf(ref, 1), comer, -1),
      ])

      expect(result).toBe('live')
      expect((await subscriptions.head(ref)).shards).toBe(1)
    }
  })

  it('finds a place for everybody, and fills what becomes free', async () => {
    const { subscriptions } = open()
    const ref = aChannel()
    expect(await subscriptions.placeFor(ref)).toEqual(ref)
    await fill(subscriptions, ref)
    expect(await subscriptions.placeFor(ref)).toEqual(shardOf(ref, 1))
    await fill(subscriptions, shardOf(ref, 1))
    expect(await subscriptions.placeFor(ref)).toEqual(shardOf(ref, 2))

    const [leaves] = await subscriptions.listLive(shardOf(ref, 1))
    if (!leaves) throw new Error('nobody is live')
    await subscriptions.remove(shardOf(ref, 1), leaves)
    expect(await subscriptions.placeFor(ref)).toEqual(shardOf(ref, 1))

    const [goes] = await subscriptions.listLive(ref)
    if (!goes) throw new Error('nobody is live')
    await subscriptions.remove(ref, goes)
    expect(await subscriptions.placeFor(ref)).toEqual(ref)
  }, 60_000)

  it('gives the role of the sender to one, and back only when nothing is left to post', async () => {
    const { log, subscriptions } = open()
    const ref = aChannel({ channel: `topic:t${Math.random()}` })
    const time = { now: 1_000, until: 2_000 }
    expect(await subscriptions.takeSender(ref, 'a', time)).toEqual({ result: 'nobody' })
    await follow(subscriptions, ref)

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

describe.each(dynamoBackends())('subscriptions in the table of $name', ({ client, connect, tables }) => {
  const exact = dynamoSubscriptionStore(client, tables.streams)

  it('do as they are asked once, when every second answer of the database is lost', async () => {
    const fragile = connect()
    const { lost } = loseAnswers(fragile, 'repeat')
    const subscriptions = dynamoSubscriptionStore(fragile, tables.streams)
    const ref = aChannel()
    const [first, second] = [await follow(subscriptions, ref), await follow(subscriptions, shardOf(ref, 1))]
    await follow(subscriptions, ref, aSubscription({ connectionId: first.connectionId }))
    await subscriptions.prolong(shardOf(ref, 1), second, Date.now() + 60_000)
    await subscriptions.remove(shardOf(ref, 1), second)
    await subscriptions.dropShard(shardOf(ref, 1))

    expect(lost()).toBeGreaterThan(5)
    // Handover, end of the first, handover; and handover, prolongation, end.
    expect(await exact.head(ref)).toEqual(head(3))
    expect(await exact.head(shardOf(ref, 1))).toEqual(head(3))
    expect(await exact.listLive(shardOf(ref, 1))).toEqual([])
  })

  it('take a handover and an end that are asked for again, after an answer that never came, for what they repeat', async () => {
    const [ref, subscription] = [aChannel(), aSubscription()]
    const breaking = () => {
      const fragile = connect()
      loseAnswers(fragile, 'break')
      return dynamoSubscriptionStore(fragile, tables.streams)
    }
    await expect(breaking().beginReplay(ref, subscription)).rejects.toThrow('the connection broke')
    await exact.beginReplay(ref, subscription)
    await expect(breaking().goLive(ref, subscription, -1)).rejects.toThrow('the connection broke')
    expect(await exact.goLive(ref, subscription, -1)).toBe('live')
    expect(await exact.head(ref)).toEqual(head(1))

    await expect(breaking().remove(ref, subscription)).rejects.toThrow('the connection broke')
    await exact.remove(ref, subscription)

    expect(await exact.head(ref)).toEqual(head(2))
  })

  it('may be deleted by the database an hour after their end, and in three hours at the latest', async () => {
    const now = Date.now()
    const subscriptions = dynamoSubscriptionStore(client, tables.streams, { now: () => now })
    const [ref, short, long] = [aChannel(), aSubscription({ until: now + 60_000 }), aSubscription()]
    for (const subscription of [short, long]) await follow(subscriptions, ref, subscription)
    const expiryOf = async (subscription: Subscription): Promise<number> => {
      const { Item } = await client.send(new GetCommand({ TableName: tables.streams, Key: subscriptionKey(ref, subscription) }))
      return Item?.expiresAt * 1_000 - now
    }

    expect(await expiryOf(short)).toBeGreaterThan(3_600_000 + 58_000)
    expect(await expiryOf(short)).toBeLessThanOrEqual(3_600_000 + 60_000)
    expect(await expiryOf(long)).toBeLessThanOrEqual(3 * 3_600_000)
    await subscriptions.prolong(ref, short, now + 120_000)
    expect(await expiryOf(short)).toBeGreaterThan(3_600_000 + 118_000)
  })
})
