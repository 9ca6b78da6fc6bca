import { SCOPES } from '#shared/access/principal.ts'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import type { GraphqlContext, GraphqlDependencies } from '#shared/graphql/graphql-context.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { memoryWorld } from './executions.ts'
import { messagingWorld } from './messaging.ts'

/** What GraphQL needs, in memory. */
export function graphqlWorld(): GraphqlDependencies {
  const { log: streamLog, gates: _, ...stores } = memoryWorld()
  const { sent: __, ...messaging } = messagingWorld(systemClock)
  return {
    ...stores,
    ...messaging,
    streamLog,
    subscriptions: memorySubscriptionStore(streamLog),
    workQueue: memoryWorkQueue(),
    conversations: memoryConversationStore(),
    allowPrivateCallbacks: false,
    clock: systemClock,
  }
}

/** A caller who may do everything. */
export const aGraphqlContext = (): GraphqlContext => ({
  principal: { subject: 'ada', tenant: 'acme', scopes: SCOPES, expiresAt: Date.parse('2100-01-01T00:00:00Z') },
  dependencies: graphqlWorld(),
})
