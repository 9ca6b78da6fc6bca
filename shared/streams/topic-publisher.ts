import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import { topicChannel } from '#shared/protocol/channel.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { ConnectionPoster } from './connection-poster.ts'
import { eventFrame } from './event-frames.ts'
import { postPatiently } from './post-patiently.ts'
import { MAX_EVENTS_PER_ENTRY, type StreamLog, type UnnumberedEvent } from './stream-log.ts'
import type { LiveSubscription, SubscriptionStore } from './subscription-store.ts'

export type TopicDependencies = { log: StreamLog; subscriptions: SubscriptionStore; poster: ConnectionPoster; clock: Clock }

/** How long one sender may keep the role, in milliseconds; after that another may take it, and clients drop what comes twice. */
const SENDER_LEASE_MS = 30_000
/** Longest time for one page of events to all viewers, in milliseconds. Well below the lease. */
const PAGE_DEADLINE_MS = 10_000
const PAGE = 100
/** Largest batch, in bytes of JSON: an item of DynamoDB holds 400 KB, and a single message is at most half of it. */
const MAX_BATCH_BYTES = 300 * 1024

/** Shows messages on their topics' channels. */
export type TopicPublisher = {
  /** Resolves when the message has its number and a sender looks after it. Repeatable: a message has one number. */
  publish(tenant: string, envelope: Envelope & { topic: string }): Promise<void>
}

type Waiting = { event: UnnumberedEvent; bytes: number; done: PromiseWithResolvers<void> }

/**
 * Gives messages their numbers and sees that every live subscriber gets them. One for each container: messages of one topic that come
 * while others are being written leave together with the next write, so that a busy topic's writers seldom meet.
 *
 * Many functions write to a topic, but one at a time posts: whoever gets the *sender* role posts everything behind the last sender,
 * and can only give the role back when nothing stands in the log behind what it posted. A writer that finds the role taken can leave: the
 * sender cannot end without seeing its event.
 */
export function topicPublisher(dependencies: TopicDependencies): TopicPublisher {
  const channels = new Map<string, Waiting[]>()

  async function write(ref: ChannelRef, key: string, waiting: Waiting[]): Promise<void> {
    while (waiting.length > 0) {
      const batch = takeBatch(waiting)
      try {
        await dependencies.log.appendNext(
          ref,
          batch.map(({ event }) => event),
        )
        await postTopic(dependencies, ref)
        for (const { done } of batch) done.resolve()
      } catch (error) {
        for (const { done } of batch) done.reject(error)
      }
    }
    // In the same step as the look at what is waiting: a publisher that was just told begins anew.
    channels.delete(key)
  }

  return {
    publish(tenant, envelope) {
      const ref = { tenant, channel: topicChannel(envelope.topic) }
      const key = JSON.stringify([tenant, envelope.topic])
      const time = timestamp(dependencies.clock)
      const event = {
        id: envelope.id,
        numbered: (sequence: number): StreamEvent => ({ type: 'message', sequence, time, data: envelope }),
      }
      const bytes = Buffer.byteLength(JSON.stringify(envelope))
      const done = Promise.withResolvers<void>()
      const waiting = channels.get(key)
      if (waiting) waiting.push({ event, bytes, done })
      else {
        const first = [{ event, bytes, done }]
        channels.set(key, first)
        void write(ref, key, first)
      }
      return done.promise
    },
  }
}

/** Takes the first messages that fit one entry of the log, one at least. */
function takeBatch(waiting: Waiting[]): Waiting[] {
  let bytes = 0
  const end = waiting.findIndex((message, index) => {
    bytes += message.bytes
    return index === MAX_EVENTS_PER_ENTRY || (index > 0 && bytes > MAX_BATCH_BYTES)
  })
  return waiting.splice(0, end === -1 ? waiting.length : end)
}

async function postTopic({ log, subscriptions, poster, clock }: TopicDependencies, ref: ChannelRef): Promise<void> {
  const owner = newId()
  const now = clock.now()
  const role = await subscriptions.takeSender(ref, owner, { now, until: now + SENDER_LEASE_MS })
  if (role.result !== 'taken') return
  let posted = role.posted ?? (await firstPosition(log, subscriptions, ref))
  while (clock.now() < now + SENDER_LEASE_MS - PAGE_DEADLINE_MS) {
    const events = await log.read(ref, posted, PAGE)
    if (events.length > 0) {
      const viewers = await subscriptions.listLive(ref)
      const signal = AbortSignal.timeout(PAGE_DEADLINE_MS)
      await Promise.all(viewers.map((viewer) => postPage({ subscriptions, poster }, ref, viewer, events, signal)))
      posted = events.at(-1)?.sequence ?? posted
    }
    if ((await subscriptions.releaseSender(ref, owner, posted)) !== 'behind') return
  }
}

/** Posts a page to one viewer. One who cannot be served is disconnected: it comes back with its cursor. */
async function postPage(
  { subscriptions, poster }: Pick<TopicDependencies, 'subscriptions' | 'poster'>,
  ref: ChannelRef,
  viewer: LiveSubscription,
  events: StreamEvent[],
  signal: AbortSignal,
): Promise<void> {
  let due = events.filter((event) => event.sequence > viewer.cursor)
  while (due.length > 0) {
    const frame = eventFrame(ref, viewer, due)
    const result = await postPatiently(poster, viewer.connectionId, frame.text, { signal })
    if (result.status === 'gone') return subscriptions.remove(ref, viewer.connectionId)
    if (result.status !== 'sent') return poster.close(viewer.connectionId)
    due = due.filter((event) => event.sequence > frame.last)
  }
}

/**
 * Where the very first sender of a topic begins: behind what every live subscriber already has. The end of the log is read first, so
 * that whoever goes live after the look at the subscribers has a cursor that is not smaller.
 */
async function firstPosition(log: StreamLog, subscriptions: SubscriptionStore, ref: ChannelRef): Promise<number> {
  const end = await log.lastSequence(ref)
  const viewers = await subscriptions.listLive(ref)
  return Math.min(end, ...viewers.map((viewer) => viewer.cursor))
}
