import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { dynamoConversationStore } from '#shared/conversations/dynamo-conversation-store.ts'
import type { GraphqlDependencies } from '#shared/graphql/graphql-context.ts'
import { dynamoTopicStore } from '#shared/messaging/dynamo-topic-store.ts'
import { eventBridgeMessageBus } from '#shared/messaging/event-bridge-message-bus.ts'
import { referencingMessageBus } from '#shared/messaging/referencing-message-bus.ts'
import { s3ArtifactStore } from '#shared/messaging/s3-artifact-store.ts'
import { cachedTopicSchemas } from '#shared/messaging/topic-schemas.ts'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import type { SocketDependencies } from './dependencies.ts'

/** What queries and mutations need besides what every frame does; made with the first one. */
export function graphqlDependencies(shared: Omit<SocketDependencies, 'graphql'>): GraphqlDependencies {
  const config = loadConfig({
    ...CONFIG.registry,
    ...CONFIG.executions,
    ...CONFIG.conversations,
    ...CONFIG.bus,
    ...CONFIG.artifacts,
  })
  const dynamo = dynamoClient()
  const topicStore = dynamoTopicStore(dynamo, config.REGISTRY_TABLE)
  const bus = eventBridgeMessageBus(new EventBridgeClient(AWS_CLIENT_CONFIG), config.BUS_NAME)
  return {
    ...shared,
    topicStore,
    topicSchemas: cachedTopicSchemas(topicStore, shared.clock),
    bus: referencingMessageBus(bus, s3ArtifactStore(config.ARTIFACTS_BUCKET)),
    conversations: dynamoConversationStore(dynamo, config.EXECUTIONS_TABLE, {
      retentionDays: config.CONVERSATION_RETENTION_DAYS,
    }),
  }
}
