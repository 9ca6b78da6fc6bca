import { newId } from '#shared/platform/ids.ts'
import type { ConnectionStore, KnownConnection } from './connection-store.ts'
import { type SubscribeDependencies, type SubscribeRequest, type SubscribeResult, subscribe } from './subscribe.ts'
import type { Subscription } from './subscription-store.ts'

export type OpenSubscriptionDependencies = SubscribeDependencies & { connections: ConnectionStore }

/** What a connection wants to follow, and how. */
export type Following = { channel: string } & Pick<Subscription, 'operation' | 'view' | 'packed' | 'answer'> &
  Pick<SubscribeRequest, 'after' | 'responseTo' | 'signal'>

/**
 * Has a connection follow a channel of its tenant, until its token ends. What it had there under the same operation is replaced. Who may
 * follow what was checked before.
 */
export async function openSubscription(
  dependencies: OpenSubscriptionDependencies,
  { connectionId, principal: { tenant, expiresAt: until }, view: usual }: KnownConnection,
  following: Following,
): Promise<SubscribeResult> {
  const { connections, subscriptions } = dependencies
  const { channel, operation, view = usual, packed, answer, after, responseTo, signal } = following
  const ref = await subscriptions.placeFor({ tenant, channel })
  const noted = await connections.addSubscription(connectionId, { ...ref, operation })
  if (noted.result === 'gone') return 'gone'
  const { replaced } = noted
  if (replaced && replaced.shard !== ref.shard) await subscriptions.remove(replaced, { connectionId, operation })
  const subscription = { connectionId, operation, subscriptionId: newId(), until, view, packed, answer }
  const result = await subscribe(dependencies, { ref, subscription, after, responseTo, signal })
  if (result !== 'live' && result !== 'replaced') await connections.removeSubscription(connectionId, { channel, operation })
  return result
}
