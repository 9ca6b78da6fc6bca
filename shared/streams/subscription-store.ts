import type { ChannelRef } from './channel-ref.ts'
import type { SubscriptionView } from './subscription-view.ts'

/** Who follows a channel: a connection, or one of several operations that it has there (GraphQL). */
export type SubscriberKey = { connectionId: string; operation?: string | undefined }

/** A follower of a channel. A {@link SubscriberKey} has one subscription a channel: a new one replaces the old. */
export type Subscription = SubscriberKey & {
  subscriptionId: string
  /** When the right to follow ends, in milliseconds since the epoch: nothing is posted from then on. */
  until: number
  /** How its events are written; frames of `sluice.v1` when absent. */
  view?: SubscriptionView | undefined
  /** It takes packed events (`from`). */
  packed?: boolean | undefined
  /** Set when an `agent_request` frame asked for the execution: an `agent_response` to that frame is owed to this connection. */
  answer?: { responseTo?: string | undefined } | undefined
}

/** A live subscription: everything up to `cursor` was posted by the function that subscribed, the rest is the sender's. */
export type LiveSubscription = Subscription & { cursor: number }

/**
 * The viewers of a channel that one sender looks after. The first {@link VIEWERS_PER_SHARD} are those of the channel's writer, without a
 * `shard`; those beyond are kept in shards from 1, each with a head, and a sender role, of its own.
 */
export type ViewersRef = ChannelRef & { shard?: number | undefined }

/** What a sender looks at with every flush. */
export type Head = {
  /** Grows with every change of the live subscriptions. */
  version: number
  /** Somebody wants the writer to stop. */
  cancelRequested: boolean
  /** Number of shards that may have live viewers; 0 on the head of a shard. */
  shards: number
}

/** A subscription cannot be prolonged in its last moments, in milliseconds: a sender whose clock is ahead may have let it go. */
export const PROLONG_MARGIN_MS = 5_000

/** Subscriptions and heads of channels. Reads are consistent. Times are milliseconds since the epoch. */
export type SubscriptionStore = {
  /**
   * Where a new viewer of the channel belongs: the first place that has less than {@link VIEWERS_PER_SHARD} live ones. Viewers who come
   * at the same moment may all get the last seat.
   */
  placeFor(ref: ChannelRef): Promise<ViewersRef>
  /** Stores the subscription as replaying: nobody but the caller posts to it. A live one that it replaces is removed. */
  beginReplay(ref: ViewersRef, subscription: Subscription): Promise<void>
  /**
   * Hands a replaying subscription over to the writers, in one transaction with the head's version + 1, on condition that no log
   * entry stands at `cursor` + 1. `behind`: one does; post it first. `replaced`: the connection subscribed again or is gone.
   * Repeatable. After a handover into a shard the channel's own head shows that there is one.
   */
  goLive(ref: ViewersRef, subscription: Subscription, cursor: number): Promise<'live' | 'behind' | 'replaced'>
  /**
   * The channel's head; version 0 when nobody has ever subscribed.
   *
   * @param isolated - serialise with a handover that is being committed (twice the price; for the last look at a channel)
   */
  head(ref: ViewersRef, isolated?: boolean): Promise<Head>
  /** Sets the flag that the writer of the channel reads with its next look at the head. Idempotent. */
  requestCancel(ref: ChannelRef): Promise<void>
  /**
   * Those who are live and have not come to their end.
   *
   * @param andEnded - also those who have come to it: for their sender, who sees them off
   */
  listLive(ref: ViewersRef, andEnded?: boolean): Promise<LiveSubscription[]>
  /** Ends a subscriber's subscription of a channel: the one with this id, or whatever its id when absent. Idempotent. */
  remove(ref: ViewersRef, subscriber: SubscriberKey, subscriptionId?: string): Promise<void>
  /**
   * Gives a subscription, live or not, a new end, with the head's version + 1. Nothing when there is none, or when it ends within
   * {@link PROLONG_MARGIN_MS}: senders leave out who has ended, so what has ended stays so.
   */
  prolong(ref: ViewersRef, subscriber: SubscriberKey, until: number): Promise<void>
  /**
   * Takes the last shard off the channel's head when nobody is left in it, so that nobody is sent there in vain. Nothing when it is not
   * the last one, or somebody comes meanwhile.
   */
  dropShard(ref: ViewersRef & { shard: number }): Promise<void>
  /**
   * Makes `owner` the one who posts a channel with many writers. `nobody`: no head, so no subscriber. `busy`: somebody else has
   * the role until it gives it back or `until` passes. Repeatable: who has the role gets it again.
   *
   * @returns `posted`, the sequence up to which senders before have posted; absent when there was none
   */
  takeSender(
    ref: ViewersRef,
    owner: string,
    time: { now: number; until: number },
  ): Promise<{ result: 'taken'; posted?: number } | { result: 'busy' | 'nobody' }>
  /** Gives the role back, on condition that no log entry stands at `posted` + 1. `behind`: one does; post it first. */
  releaseSender(ref: ViewersRef, owner: string, posted: number): Promise<'released' | 'behind' | 'lost'>
  /** Gives the role back though there may be more to post: whoever does so sees to it that another sender comes. Idempotent. */
  yieldSender(ref: ViewersRef, owner: string, posted: number): Promise<void>
}
