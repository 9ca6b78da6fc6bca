import type { ChannelRef } from './channel-ref.ts'

/** A connection that follows a channel. A connection has one subscription a channel: a new one replaces the old. */
export type Subscription = {
  connectionId: string
  subscriptionId: string
  /** Name of the `agent_request` frame that asked for the execution; its answer is owed to this connection. */
  responseTo?: string | undefined
}

/** A live subscription: everything up to `cursor` was posted by the function that subscribed, the rest is the writer's. */
export type LiveSubscription = Subscription & { cursor: number }

/** Subscriptions and heads of channels. Reads are consistent. */
export type SubscriptionStore = {
  /** Stores the subscription as replaying: nobody but the caller posts to it. */
  beginReplay(ref: ChannelRef, subscription: Subscription): Promise<void>
  /**
   * Hands a replaying subscription over to the writers, in one transaction with the head's version + 1, on condition that no log
   * entry stands at `cursor` + 1. `behind`: one does; post it first. `replaced`: the connection subscribed again or is gone.
   */
  goLive(ref: ChannelRef, subscription: Subscription, cursor: number): Promise<'live' | 'behind' | 'replaced'>
  /**
   * Version of the channel's head, 0 when nobody has ever subscribed. It grows with every change of the live subscriptions.
   *
   * @param isolated - serialise with a handover that is being committed (twice the price; for the last look at a channel)
   */
  headVersion(ref: ChannelRef, isolated?: boolean): Promise<number>
  listLive(ref: ChannelRef): Promise<LiveSubscription[]>
  /** Ends a connection's subscription of a channel, whatever its id. Idempotent. */
  remove(ref: ChannelRef, connectionId: string): Promise<void>
  /** Channels that a connection follows. */
  channelsOf(connectionId: string): Promise<ChannelRef[]>
}
