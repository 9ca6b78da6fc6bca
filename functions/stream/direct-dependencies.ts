import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { sharedAnswerer } from '#shared/executions/shared-answerer.ts'
import { artifactInput } from '#shared/messaging/artifact-input.ts'
import { s3ArtifactStore } from '#shared/messaging/s3-artifact-store.ts'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import type { SecretStore } from '#shared/platform/secret-store.ts'
import { executionStores } from '../execution-stores.ts'
import { lazyMemory } from '../lazy-memory.ts'
import { lazyModels } from '../lazy-models.ts'
import { lazyToolboxes } from '../lazy-toolboxes.ts'
import { viewerPosts } from '../viewer-posts.ts'
import type { StreamConfig } from './dependencies.ts'
import type { RunStreamDependencies } from './run-stream.ts'

/** What running an execution takes: the same as the function `execute` has. */
export function directDependencies(
  config: StreamConfig,
  client: DynamoDBDocumentClient,
  shared: Pick<RunStreamDependencies, 'streamLog' | 'clock' | 'logger' | 'quotas'> & { secrets: SecretStore },
): RunStreamDependencies {
  const send = sqsSender()
  const artifacts = s3ArtifactStore(config.ARTIFACTS_BUCKET)
  const providers = lazyModels(client, config, shared)
  const agents = dynamoAgentStore(client, config.REGISTRY_TABLE)
  const stores = {
    ...shared,
    ...executionStores(client, config),
    agents,
    ...viewerPosts(client, send, config),
    workQueue: sqsWorkQueue(send, config.WORK_QUEUE_URL),
  }
  const memory = lazyMemory(client, config, { ...stores, providers })
  return {
    ...stores,
    log: shared.streamLog,
    memory,
    answerer: sharedAnswerer({
      providers,
      toolboxes: lazyToolboxes(client, config, stores),
      memory,
      agents,
      allowPrivate: config.ALLOW_PRIVATE_CALLBACKS,
    }),
    artifacts,
    loadInput: artifactInput(artifacts),
    executionTimeoutMs: config.EXECUTION_TIMEOUT_SECONDS * 1_000,
    allowPrivateCallbacks: config.ALLOW_PRIVATE_CALLBACKS,
  }
}
