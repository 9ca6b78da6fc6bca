import type { ChannelRef } from './channel-ref.ts'
import type { MemoryStreamLog } from './memory-stream-log.ts'
import type { Head, LiveSubscription, Subscription, SubscriptionStore } from './subscription-store.ts'

type StoredHead = Head & { sender?: { owner: string; until: number } | undefined; posted?: number | undefined }
type Stored = Subscription & { cursor?: number }

/** Subscriptions in memory, over the log that a handover looks at. Every method is atomic, as a transaction is. */
export function memorySubscriptionStore(log: MemoryStreamLog): SubscriptionStore {
  const heads = new Map<string, StoredHead>()
  const subscriptions = new Map<string, Map<string, Stored>>()
  const name = ({ tenant, channel }: ChannelRef): string => JSON.stringify([tenant, channel])
  const subscriptionsOf = (ref: ChannelRef): Map<string, Stored> => {
    const found = subscriptions.get(name(ref)) ?? new Map<string, Stored>()
    subscriptions.set(name(ref), found)
    return found
  }
  const headOf = (ref: ChannelRef): StoredHead => heads.get(name(ref)) ?? { version: 0, cancelRequested: false }
  const bump = (ref: ChannelRef): void => {
    const head = headOf(ref)
    heads.set(name(ref), { ...head, version: head.version + 1 })
  }

  return {
    async beginReplay(ref, subscription) {
      subscriptionsOf(ref).set(subscription.connectionId, { ...subscription })
    },
    async goLive(ref, subscription, cursor) {
      const stored = subscriptionsOf(ref).get(subscription.connectionId)
      if (stored?.subscriptionId !== subscription.subscriptionId) return 'replaced'
      if (log.has(ref, cursor + 1)) return 'behind'
      stored.cursor = cursor
      bump(ref)
      return 'live'
    },
    async head(ref) {
      const { version, cancelRequested } = headOf(ref)
      return { version, cancelRequested }
    },
    async requestCancel(ref) {
      heads.set(name(ref), { ...headOf(ref), cancelRequested: true })
    },
    async listLive(ref) {
      return [...subscriptionsOf(ref).values()]
        .filter((stored): stored is LiveSubscription => stored.cursor !== undefined)
        .map((stored) => ({ ...stored }))
    },
    async remove(ref, connectionId, subscriptionId) {
      const stored = subscriptionsOf(ref).get(connectionId)
      if (!stored || (subscriptionId !== undefined && stored.subscriptionId !== subscriptionId)) return
      subscriptionsOf(ref).delete(connectionId)
      if (stored.cursor !== undefined) bump(ref)
    },
    async takeSender(ref, owner, { now, until }) {
      const head = heads.get(name(ref))
      if (!head) return { result: 'nobody' }
      if (head.sender && head.sender.owner !== owner && head.sender.until >= now) return { result: 'busy' }
      head.sender = { owner, until }
      return head.posted === undefined ? { result: 'taken' } : { result: 'taken', posted: head.posted }
    },
    async releaseSender(ref, owner, posted) {
      const head = heads.get(name(ref))
      if (head?.sender?.owner !== owner) return 'lost'
      if (log.has(ref, posted + 1)) return 'behind'
      head.sender = undefined
      head.posted = posted
      return 'released'
    },
    async yieldSender(ref, owner, posted) {
      const head = heads.get(name(ref))
      if (head?.sender?.owner !== owner) return
      head.sender = undefined
      head.posted = posted
    },
  }
}
