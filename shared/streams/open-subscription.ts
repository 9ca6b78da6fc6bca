import { newId } from '#shared/platform/ids.ts'
import type { ConnectionStore, KnownConnection } from './connection-store.ts'
import { type SubscribeDependencies, type SubscribeRequest, type SubscribeResult, subscribe } from './subscribe.ts'
import type { Subscription } from './subscription-store.ts'

export type OpenSubscriptionDependencies = SubscribeDependencies & { connections: ConnectionStore }

/** What a connection wants to follow, and how. */
export type Following = { channel: string } & Pick<Subscription, 'operation' | 'view' | 'packed' | 'answer'> &
  Pick<SubscribeRequest, 'after' | 'responseTo' | 'patientUntil' | 'signal'>

/**
 * Has a connection follow a channel of its tenant, until its token ends. What it had there under the same operation is replaced. Who may
 * follow what was checked before.
 */
export function openSubscription(
  dependencies: OpenSubscriptionDependencies,
  { connectionId, principal: { tenant, expiresAt: until }, view: usual }: KnownConnection,
  following: Following,
): Promise<SubscribeResult> {
  const { channel, operation, view = usual, packed, answer, ...request } = following
  const subscription = { connectionId, operation, subscriptionId: newId(), until, view, packed, answer }
  return subscribe(dependencies, { ref: { tenant, channel }, subscription, ...request })
}
