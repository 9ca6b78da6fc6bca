import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import type { GRAPHQL_SUBPROTOCOL, SOCKET_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import type { ViewersRef } from './subscription-store.ts'
import type { SubscriptionView } from './subscription-view.ts'

/** A channel that a connection follows from its start, and the cursor that it has there. */
export type Opening = { channel: string; after?: number | undefined }

export type Connection = {
  connectionId: string
  /** Who is behind it; absent until that is known. */
  principal?: VerifiedPrincipal | undefined
  /** Language of its frames. */
  protocol: typeof SOCKET_SUBPROTOCOL | typeof GRAPHQL_SUBPROTOCOL
  /** How events are written for it; frames of the protocol when absent. */
  view?: Extract<SubscriptionView, { kind: 'flat' }> | undefined
  /** The agent that its requests are for when they name none. */
  agentId?: string | undefined
  /** What its address asked for. */
  opening: Opening[]
  connectedAt: string
  /** True once `connection_established` was sent. */
  greeted: boolean
}

/** A connection whose principal is known. */
export type KnownConnection = Connection & { principal: VerifiedPrincipal }

/** Where a subscription of a connection is kept, and the operation that it belongs to (GraphQL). */
export type ConnectionSubscription = ViewersRef & { operation?: string | undefined }

/** Open sockets, who is behind them, and what they follow. Reads are consistent. */
export type ConnectionStore = {
  put(connection: Connection): Promise<void>
  get(connectionId: string): Promise<Connection | undefined>
  /** Marks the connection as greeted; true for exactly one caller. */
  greet(connectionId: string): Promise<boolean>
  /**
   * Says who is behind a connection, or gives it a later end. `foreign`: somebody else is, and stays it; another subject or another tenant.
   */
  authenticate(connectionId: string, principal: VerifiedPrincipal): Promise<'authenticated' | 'foreign' | 'gone'>
  /** Forgets the connection; its subscriptions are still listed. */
  remove(connectionId: string): Promise<void>
  /** Notes what a connection follows, in place of what it had there. `gone`: the connection was forgotten, and nothing is noted. */
  addSubscription(
    connectionId: string,
    subscription: ConnectionSubscription,
  ): Promise<{ result: 'added'; replaced?: ConnectionSubscription } | { result: 'gone' }>
  /** @returns what was noted */
  removeSubscription(
    connectionId: string,
    key: { channel: string; operation?: string | undefined },
  ): Promise<ConnectionSubscription | undefined>
  subscriptions(connectionId: string): Promise<ConnectionSubscription[]>
}
