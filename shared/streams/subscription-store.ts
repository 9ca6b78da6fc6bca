import type { ChannelRef } from './channel-ref.ts'

/** A connection that follows a channel. A connection has one subscription a channel: a new one replaces the old. */
export type Subscription = {
  connectionId: string
  subscriptionId: string
  /** Set when an `agent_request` frame asked for the execution: an `agent_response` to that frame is owed to this connection. */
  answer?: { responseTo?: string | undefined } | undefined
}

/** A live subscription: everything up to `cursor` was posted by the function that subscribed, the rest is the writer's. */
export type LiveSubscription = Subscription & { cursor: number }

/** What a writer looks at with every flush. */
export type Head = {
  /** Grows with every change of the live subscriptions. */
  version: number
  /** Somebody wants the writer to stop. */
  cancelRequested: boolean
}

/** Subscriptions and heads of channels. Reads are consistent. Times are milliseconds since the epoch. */
export type SubscriptionStore = {
  /** Stores the subscription as replaying: nobody but the caller posts to it. */
  beginReplay(ref: ChannelRef, subscription: Subscription): Promise<void>
  /**
   * Hands a replaying subscription over to the writers, in one transaction with the head's version + 1, on condition that no log
   * entry stands at `cursor` + 1. `behind`: one does; post it first. `replaced`: the connection subscribed again or is gone.
   */
  goLive(ref: ChannelRef, subscription: Subscription, cursor: number): Promise<'live' | 'behind' | 'replaced'>
  /**
   * The channel's head; version 0 when nobody has ever subscribed.
   *
   * @param isolated - serialise with a handover that is being committed (twice the price; for the last look at a channel)
   */
  head(ref: ChannelRef, isolated?: boolean): Promise<Head>
  /** Sets the flag that the writer of the channel reads with its next look at the head. Idempotent. */
  requestCancel(ref: ChannelRef): Promise<void>
  listLive(ref: ChannelRef): Promise<LiveSubscription[]>
  /** Ends a connection's subscription of a channel: the one with this id, or whatever its id when absent. Idempotent. */
  remove(ref: ChannelRef, connectionId: string, subscriptionId?: string): Promise<void>
  /**
   * Makes `owner` the one who posts a channel with many writers. `nobody`: no head, so no subscriber. `busy`: somebody else has
   * the role until it gives it back or `until` passes. Repeatable: who has the role gets it again.
   *
   * @returns `posted`, the sequence up to which senders before have posted; absent when there was none
   */
  takeSender(
    ref: ChannelRef,
    owner: string,
    time: { now: number; until: number },
  ): Promise<{ result: 'taken'; posted?: number } | { result: 'busy' | 'nobody' }>
  /** Gives the role back, on condition that no log entry stands at `posted` + 1. `behind`: one does; post it first. */
  releaseSender(ref: ChannelRef, owner: string, posted: number): Promise<'released' | 'behind' | 'lost'>
  /** Gives the role back though there may be more to post: whoever does so sees to it that another sender comes. Idempotent. */
  yieldSender(ref: ChannelRef, owner: string, posted: number): Promise<void>
}
