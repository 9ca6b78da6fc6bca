import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import type { LifecycleBus } from '#shared/events/lifecycle-bus.ts'
import type { DispatchDependencies } from '#shared/executions/dispatch-message.ts'
import type { DeadLetterQueue } from '#shared/messaging/dead-letter-queue.ts'
import { dynamoTopicStore } from '#shared/messaging/dynamo-topic-store.ts'
import type { Message } from '#shared/messaging/message.ts'
import { s3ArtifactStore } from '#shared/messaging/s3-artifact-store.ts'
import { sqsDeadLetterQueue } from '#shared/messaging/sqs-dead-letter-queue.ts'
import { sqsDeliverAgain } from '#shared/messaging/sqs-deliver-again.ts'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import { cachedTopicSchemas } from '#shared/messaging/topic-schemas.ts'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import type { SluiceError } from '#shared/platform/errors.ts'
import { lazy } from '#shared/platform/lazy.ts'
import { deadLetterQueueName, ingressQueueName } from '#shared/platform/names.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { channelPublisher } from '#shared/streams/channel-publisher.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { topicPublisher } from '#shared/streams/topic-publisher.ts'
import { executionStores } from '../execution-stores.ts'
import type { RecordsDependencies } from '../handle-records.ts'
import { viewerPosts } from '../viewer-posts.ts'

export type DispatchFunctionDependencies = DispatchDependencies &
  RecordsDependencies & {
    deadLetters: DeadLetterQueue
    /** Whose a message is that came to the queue without saying so. */
    defaultTenant: string
    /** Tells those who watch that a message went to the dead letters. */
    tellDeadLetter(message: Message, error: SluiceError): Promise<void>
  }

/** Made once per container. */
export function dispatchDependencies(): DispatchFunctionDependencies {
  const config = loadConfig({
    ...CONFIG.stage,
    ...CONFIG.registry,
    ...CONFIG.executions,
    ...CONFIG.streams,
    ...CONFIG.retention,
    ...CONFIG.work,
    ...CONFIG.ingress,
    ...CONFIG.artifacts,
    ...CONFIG.bus,
    ...CONFIG.socket,
    ...CONFIG.connections,
  })
  const client = dynamoClient()
  const send = sqsSender()
  const { REGISTRY_TABLE: registry, STREAMS_TABLE: streams } = config
  const streamLog = dynamoStreamLog(client, streams, { retentionSeconds: config.TOPIC_RETENTION_HOURS * 3_600 })
  const logSender = {
    log: streamLog,
    ...viewerPosts(client, send, config),
    clock: systemClock,
  }
  const [bus, channels] = [lifecycleBus(config.BUS_NAME), channelPublisher(logSender)]
  const queue = deadLetterQueueName(ingressQueueName(config.SLUICE_PLATFORM))
  return {
    ...executionStores(client, config),
    streamLog,
    agents: dynamoAgentStore(client, registry),
    workQueue: sqsWorkQueue(send, config.WORK_QUEUE_URL),
    deadLetters: sqsDeadLetterQueue(send, config.INGRESS_DLQ_URL),
    defaultTenant: config.SLUICE_DEFAULT_TENANT,
    artifacts: s3ArtifactStore(config.ARTIFACTS_BUCKET),
    topicSchemas: cachedTopicSchemas(dynamoTopicStore(client, registry), systemClock),
    topics: topicPublisher(logSender),
    tellDeadLetter: async (message, error) => {
      const { tellDeadLetter } = await import('./tell-dead-letter.ts')
      await tellDeadLetter({ bus, channels, queue, clock: systemClock }, message, error)
    },
    clock: systemClock,
    deliverAgain: sqsDeliverAgain(),
    logger: powertoolsLog('dispatch'),
  }
}

/** Hardly any message is put aside: what tells of it is loaded with the first one. */
function lifecycleBus(busName: string): LifecycleBus {
  const bus = lazy(() => loadLifecycleBus(busName))
  return { publish: async (facts) => (await bus()).publish(facts) }
}

async function loadLifecycleBus(busName: string): Promise<LifecycleBus> {
  const { EventBridgeClient } = await import('@aws-sdk/client-eventbridge')
  const { eventBridgeLifecycleBus } = await import('#shared/events/event-bridge-lifecycle-bus.ts')
  return eventBridgeLifecycleBus(new EventBridgeClient(AWS_CLIENT_CONFIG), busName)
}
