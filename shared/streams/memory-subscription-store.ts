import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { VIEWERS_PER_SHARD } from '#shared/protocol/limits.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { MemoryStreamLog } from './memory-stream-log.ts'
import {
  type Head,
  type LiveSubscription,
  PROLONG_MARGIN_MS,
  type SubscriberKey,
  type Subscription,
  type SubscriptionStore,
  type ViewersRef,
} from './subscription-store.ts'

type StoredHead = Head & { sender?: { owner: string; until: number } | undefined; posted?: number | undefined }
type Stored = Subscription & { cursor?: number }

const isLive = (stored: Stored): stored is LiveSubscription => stored.cursor !== undefined

/** Subscriptions in memory, over the log that a handover looks at. Every method is atomic, as a transaction is. */
export function memorySubscriptionStore(log: MemoryStreamLog, clock: Clock = systemClock): SubscriptionStore {
  const heads = new Map<string, StoredHead>()
  const subscriptions = new Map<string, Map<string, Stored>>()
  const nameOf = ({ tenant, channel, shard }: ViewersRef): string => JSON.stringify([tenant, channel, shard])
  const keyOf = ({ connectionId, operation }: SubscriberKey): string => JSON.stringify([connectionId, operation])
  const subscriptionsOf = (ref: ViewersRef): Map<string, Stored> => {
    const found = subscriptions.get(nameOf(ref)) ?? new Map<string, Stored>()
    subscriptions.set(nameOf(ref), found)
    return found
  }
  const headOf = (ref: ViewersRef): StoredHead => heads.get(nameOf(ref)) ?? { version: 0, cancelRequested: false, shards: 0 }
  const change = (ref: ViewersRef, changes: Partial<StoredHead>): void =>
    void heads.set(nameOf(ref), { ...headOf(ref), ...changes })
  const bump = (ref: ViewersRef): void => change(ref, { version: headOf(ref).version + 1 })
  const liveIn = (ref: ViewersRef): LiveSubscription[] => [...subscriptionsOf(ref).values()].filter(isLive)
  const mainOf = ({ tenant, channel }: ChannelRef): ChannelRef => ({ tenant, channel })
  const end = (ref: ViewersRef, subscriber: SubscriberKey): void => {
    const stored = subscriptionsOf(ref).get(keyOf(subscriber))
    subscriptionsOf(ref).delete(keyOf(subscriber))
    if (stored && isLive(stored)) bump(ref)
  }

  return {
    async placeFor(ref) {
      let place: ViewersRef = mainOf(ref)
      while (liveIn(place).length >= VIEWERS_PER_SHARD) place = { ...place, shard: (place.shard ?? 0) + 1 }
      return place
    },
    async beginReplay(ref, subscription) {
      end(ref, subscription)
      subscriptionsOf(ref).set(keyOf(subscription), { ...subscription })
    },
    async goLive(ref, subscription, cursor) {
      const stored = subscriptionsOf(ref).get(keyOf(subscription))
      if (stored?.subscriptionId !== subscription.subscriptionId) return 'replaced'
      if (isLive(stored)) return 'live'
      if (log.has(ref, cursor + 1)) return 'behind'
      stored.cursor = cursor
      bump(ref)
      if (ref.shard !== undefined) change(mainOf(ref), { shards: Math.max(ref.shard, headOf(mainOf(ref)).shards) })
      return 'live'
    },
    async head(ref) {
      const { version, cancelRequested, shards } = headOf(ref)
      return { version, cancelRequested, shards }
    },
    async requestCancel(ref) {
      change(mainOf(ref), { cancelRequested: true })
    },
    async listLive(ref, andEnded = false) {
      return liveIn(ref)
        .filter(({ until }) => andEnded || until > clock.now())
        .map((stored) => ({ ...stored }))
    },
    async remove(ref, subscriber, subscriptionId) {
      const stored = subscriptionsOf(ref).get(keyOf(subscriber))
      if (stored && (subscriptionId === undefined || stored.subscriptionId === subscriptionId)) end(ref, subscriber)
    },
    async prolong(ref, subscriber, until) {
      const stored = subscriptionsOf(ref).get(keyOf(subscriber))
      if (!stored || stored.until <= clock.now() + PROLONG_MARGIN_MS) return
      stored.until = until
      bump(ref)
    },
    async dropShard(ref) {
      if (liveIn(ref).length > 0 || headOf(mainOf(ref)).shards !== ref.shard) return
      change(mainOf(ref), { shards: ref.shard - 1 })
    },
    async takeSender(ref, owner, { now, until }) {
      const head = heads.get(nameOf(ref))
      if (!head) return { result: 'nobody' }
      if (head.sender && head.sender.owner !== owner && head.sender.until >= now) return { result: 'busy' }
      head.sender = { owner, until }
      return head.posted === undefined ? { result: 'taken' } : { result: 'taken', posted: head.posted }
    },
    async releaseSender(ref, owner, posted) {
      if (headOf(ref).sender?.owner !== owner) return 'lost'
      if (log.has(ref, posted + 1)) return 'behind'
      change(ref, { sender: undefined, posted })
      return 'released'
    },
    async yieldSender(ref, owner, posted) {
      if (headOf(ref).sender?.owner === owner) change(ref, { sender: undefined, posted })
    },
  }
}
