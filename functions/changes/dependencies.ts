import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { dynamoSealStore } from '#shared/audit/dynamo-seal-store.ts'
import { eventBridgeLifecycleBus } from '#shared/events/event-bridge-lifecycle-bus.ts'
import type { ChangesDependencies } from '#shared/events/handle-changes.ts'
import { replyOnBus } from '#shared/events/reply-on-bus.ts'
import { admitNext } from '#shared/executions/admit-next.ts'
import { cancelChildren } from '#shared/executions/cancel-children.ts'
import { goOnInBatch } from '#shared/executions/go-on-in-batch.ts'
import { wakeParent } from '#shared/executions/wake-parent.ts'
import { dynamoTenantGate } from '#shared/limits/dynamo-tenant-gate.ts'
import type { DeadLetterQueue } from '#shared/messaging/dead-letter-queue.ts'
import { eventBridgeMessageBus } from '#shared/messaging/event-bridge-message-bus.ts'
import { sqsDeadLetterQueue } from '#shared/messaging/sqs-dead-letter-queue.ts'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import { dynamoAgentCensus } from '#shared/metrics/dynamo-agent-census.ts'
import { dynamoCounterStore } from '#shared/metrics/dynamo-counter-store.ts'
import { noMetrics, stdoutMetrics } from '#shared/metrics/embedded-metrics.ts'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import type { Log } from '#shared/platform/log.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { channelPublisher } from '#shared/streams/channel-publisher.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { cachedWebhookList } from '#shared/webhooks/cached-webhook-list.ts'
import { dynamoWebhookStore } from '#shared/webhooks/dynamo-webhook-store.ts'
import { notifyWebhooks } from '#shared/webhooks/notify.ts'
import { sqsDeliveryQueue } from '#shared/webhooks/sqs-delivery-queue.ts'
import { executionStores } from '../execution-stores.ts'
import { viewerPosts } from '../viewer-posts.ts'
import { cancelApprovals } from './cancel-approvals.ts'
import type { CountDependencies } from './count-changes.ts'
import type { SealBatchDependencies } from './seal-batch.ts'
import { showEnding } from './show-ending.ts'
import { tellCallback } from './tell-callback.ts'

export type ChangesFunctionDependencies = ChangesDependencies &
  CountDependencies &
  SealBatchDependencies & { deadLetters: DeadLetterQueue; logger: Log }

/** Made once per container. */
export function changesDependencies(): ChangesFunctionDependencies {
  const config = loadConfig({
    ...CONFIG.stage,
    ...CONFIG.registry,
    ...CONFIG.executions,
    ...CONFIG.streams,
    ...CONFIG.audit,
    ...CONFIG.retention,
    ...CONFIG.bus,
    ...CONFIG.work,
    ...CONFIG.socket,
    ...CONFIG.connections,
    ...CONFIG.changes,
    ...CONFIG.deliveries,
    ...CONFIG.metrics,
  })
  const client = dynamoClient()
  const eventBridge = new EventBridgeClient(AWS_CLIENT_CONFIG)
  const send = sqsSender()
  const logger = powertoolsLog('changes')
  const { REGISTRY_TABLE: registry, EXECUTIONS_TABLE: executions, STREAMS_TABLE: streams } = config
  const posts = viewerPosts(client, send, config)
  const admission = {
    ...executionStores(client, config),
    workQueue: sqsWorkQueue(send, config.WORK_QUEUE_URL),
    clock: systemClock,
    streamLog: dynamoStreamLog(client, streams),
    subscriptions: posts.subscriptions,
  }
  const census = dynamoAgentCensus(client, executions)
  const outside = {
    deliveries: sqsDeliveryQueue(send, config.DELIVERY_QUEUE_URL),
    webhooks: cachedWebhookList(dynamoWebhookStore(client, registry), systemClock),
  }
  return {
    bus: eventBridgeLifecycleBus(eventBridge, config.BUS_NAME),
    channels: channelPublisher({
      log: dynamoStreamLog(client, streams, { retentionSeconds: config.TOPIC_RETENTION_HOURS * 3_600 }),
      ...posts,
      clock: systemClock,
    }),
    // When it fails, the sweeper lets the next one in: it holds up nothing.
    admitNext: (agent) =>
      admitNext(admission, agent, { crowded: true }).catch((error: unknown) =>
        logger.warn('admission_failed', { ...agent, error }),
      ),
    onEnded: [
      replyOnBus({ bus: eventBridgeMessageBus(eventBridge, config.BUS_NAME), logger }),
      tellCallback(outside),
      showEnding(admission),
      cancelApprovals(admission),
      (record) => goOnInBatch(admission, record),
      (record) => cancelChildren(admission, record),
      (record) => wakeParent(admission, record),
    ],
    noteAgent: census.note,
    onFact: [({ tenant, event }) => notifyWebhooks(outside, tenant, event)],
    counters: dynamoCounterStore(client, executions),
    metrics: config.METRICS_ENABLED ? stdoutMetrics(config.SLUICE_STAGE) : noMetrics,
    sampling: { health: config.HEALTH_EVENT_SAMPLING },
    auditTable: config.AUDIT_TABLE,
    seals: dynamoSealStore(client, config.AUDIT_TABLE, systemClock, config.AUDIT_RETENTION_DAYS),
    tenants: dynamoTenantGate(client, streams),
    deadLetters: sqsDeadLetterQueue(send, config.CHANGES_DLQ_URL),
    clock: systemClock,
    logger,
  }
}
