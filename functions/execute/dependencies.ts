import { cachedAgentStore } from '#shared/agents/cached-agent-store.ts'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import type { HealthDependencies } from '#shared/executions/check-agent-health.ts'
import type { RunDependencies } from '#shared/executions/run.ts'
import { sharedAnswerer } from '#shared/executions/shared-answerer.ts'
import { sqsDeliverAgain } from '#shared/messaging/sqs-deliver-again.ts'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { secretsManagerSecretStore } from '#shared/platform/secrets-manager-secret-store.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { executionStores } from '../execution-stores.ts'
import type { RecordsDependencies } from '../handle-records.ts'
import { lazyMemory } from '../lazy-memory.ts'
import { lazyModels } from '../lazy-models.ts'
import { lazyToolboxes } from '../lazy-toolboxes.ts'
import { viewerPosts } from '../viewer-posts.ts'
import { inputLoader } from './input-loader.ts'

export type ExecuteDependencies = RunDependencies & HealthDependencies & RecordsDependencies

/** Made once per container. */
export function executeDependencies(): ExecuteDependencies {
  const config = loadConfig({
    ...CONFIG.stage,
    ...CONFIG.registry,
    ...CONFIG.executions,
    ...CONFIG.conversations,
    ...CONFIG.streams,
    ...CONFIG.socket,
    ...CONFIG.connections,
    ...CONFIG.timeouts,
    ...CONFIG.models,
    ...CONFIG.metrics,
    ...CONFIG.work,
    ...CONFIG.artifacts,
    ...CONFIG.privateCallbacks,
  })
  const client = dynamoClient()
  const send = sqsSender()
  const { REGISTRY_TABLE: registry, STREAMS_TABLE: streams } = config
  const logger = powertoolsLog('execute')
  const secrets = secretsManagerSecretStore()
  const providers = lazyModels(client, config, { secrets, clock: systemClock, logger })
  const agents = cachedAgentStore(dynamoAgentStore(client, registry), systemClock)
  const log = dynamoStreamLog(client, streams)
  const shared = {
    ...executionStores(client, config),
    agents,
    workQueue: sqsWorkQueue(send, config.WORK_QUEUE_URL),
    ...viewerPosts(client, send, config),
    clock: systemClock,
    deliverAgain: sqsDeliverAgain(),
    logger,
  }
  const toolboxes = lazyToolboxes(client, config, { ...shared, streamLog: log, secrets })
  const memory = lazyMemory(client, config, { ...shared, streamLog: log, providers })
  return {
    ...shared,
    providers,
    memory,
    answerer: sharedAnswerer({ providers, toolboxes, memory, agents, allowPrivate: config.ALLOW_PRIVATE_CALLBACKS }),
    loadInput: inputLoader(config.ARTIFACTS_BUCKET),
    log,
    executionTimeoutMs: config.EXECUTION_TIMEOUT_SECONDS * 1_000,
  }
}
