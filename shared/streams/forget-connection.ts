import pLimit from 'p-limit'
import type { ConnectionStore } from './connection-store.ts'
import type { SubscriptionStore } from './subscription-store.ts'

export type ForgetDependencies = { connections: ConnectionStore; subscriptions: SubscriptionStore }

/** Subscriptions that are ended at once. */
const AT_ONCE = 10

/**
 * Ends everything that a connection follows, and forgets it. Repeatable; what the signal cuts off is for the next call, and in the end
 * for the first post to a closed socket, which is answered with 410.
 */
export async function forgetConnection(
  { connections, subscriptions }: ForgetDependencies,
  connectionId: string,
  signal: AbortSignal,
): Promise<void> {
  // First of all: nothing is noted for a connection from here on.
  await connections.remove(connectionId)
  const limit = pLimit(AT_ONCE)
  const ends = (await connections.subscriptions(connectionId)).map((followed) =>
    limit(async () => {
      if (signal.aborted) return
      await subscriptions.remove(followed, { connectionId, operation: followed.operation })
      await connections.removeSubscription(connectionId, followed)
    }),
  )
  await Promise.all(ends)
}
