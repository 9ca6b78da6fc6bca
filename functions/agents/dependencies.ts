import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { cachedAgentStore } from '#shared/agents/cached-agent-store.ts'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { dynamoConversationStore } from '#shared/conversations/dynamo-conversation-store.ts'
import { artifactInput } from '#shared/messaging/artifact-input.ts'
import { eventBridgeMessageBus } from '#shared/messaging/event-bridge-message-bus.ts'
import { referencingMessageBus } from '#shared/messaging/referencing-message-bus.ts'
import { s3ArtifactStore } from '#shared/messaging/s3-artifact-store.ts'
import { sqsDeadLetterQueue } from '#shared/messaging/sqs-dead-letter-queue.ts'
import { sqsDeliverAgain } from '#shared/messaging/sqs-deliver-again.ts'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { secretsManagerSecretStore } from '#shared/platform/secrets-manager-secret-store.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { executionStores } from '../execution-stores.ts'
import { lazyModels } from '../lazy-models.ts'
import { viewerPosts } from '../viewer-posts.ts'
import type { AgentFunctionDependencies } from './create-handler.ts'

/** Made once per container, the same for every agent. */
export function agentDependencies(agentId: string): AgentFunctionDependencies {
  const config = loadConfig({
    ...CONFIG.stage,
    ...CONFIG.registry,
    ...CONFIG.executions,
    ...CONFIG.conversations,
    ...CONFIG.streams,
    ...CONFIG.bus,
    ...CONFIG.work,
    ...CONFIG.socket,
    ...CONFIG.connections,
    ...CONFIG.timeouts,
    ...CONFIG.models,
    ...CONFIG.metrics,
    ...CONFIG.artifacts,
    ...CONFIG.ownAgent,
  })
  const client = dynamoClient()
  const send = sqsSender()
  const { REGISTRY_TABLE, EXECUTIONS_TABLE: executions, STREAMS_TABLE: streams } = config
  const logger = powertoolsLog(`agent-${agentId}`)
  const registry = dynamoAgentStore(client, REGISTRY_TABLE)
  const artifacts = s3ArtifactStore(config.ARTIFACTS_BUCKET)
  return {
    ...executionStores(client, config),
    registry,
    agents: cachedAgentStore(registry, systemClock),
    workQueue: sqsWorkQueue(send, config.WORK_QUEUE_URL),
    log: dynamoStreamLog(client, streams),
    ...viewerPosts(client, send, config),
    loadInput: artifactInput(artifacts),
    executionTimeoutMs: config.EXECUTION_TIMEOUT_SECONDS * 1_000,
    providers: lazyModels(client, config, { secrets: secretsManagerSecretStore(), clock: systemClock, logger }),
    bus: referencingMessageBus(eventBridgeMessageBus(new EventBridgeClient(AWS_CLIENT_CONFIG), config.BUS_NAME), artifacts),
    conversations: dynamoConversationStore(client, executions, { retentionDays: config.CONVERSATION_RETENTION_DAYS }),
    artifacts,
    deadLetters: sqsDeadLetterQueue(send, config.AGENT_DLQ_URL),
    deployment: config.DEPLOYMENT,
    allowPrivateAddresses: config.ALLOW_PRIVATE_CALLBACKS,
    clock: systemClock,
    deliverAgain: sqsDeliverAgain(),
    logger,
  }
}
