import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { eventBridgeLifecycleBus } from '#shared/events/event-bridge-lifecycle-bus.ts'
import { dynamoTenantGate } from '#shared/limits/dynamo-tenant-gate.ts'
import { sqsDeliverAgain } from '#shared/messaging/sqs-deliver-again.ts'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import { lazy } from '#shared/platform/lazy.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { channelPublisher } from '#shared/streams/channel-publisher.ts'
import { dynamoConnectionStore } from '#shared/streams/dynamo-connection-store.ts'
import { dynamoPresenceStore } from '#shared/streams/dynamo-presence-store.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { cachedWebhookList } from '#shared/webhooks/cached-webhook-list.ts'
import { dynamoWebhookStore } from '#shared/webhooks/dynamo-webhook-store.ts'
import { sqsDeliveryQueue } from '#shared/webhooks/sqs-delivery-queue.ts'
import { viewerPosts } from '../viewer-posts.ts'
import type { ConnectionsFunctionDependencies } from './create-handler.ts'

/** Made once per container. */
export function connectionsDependencies(): ConnectionsFunctionDependencies {
  const config = loadConfig({
    ...CONFIG.stage,
    ...CONFIG.registry,
    ...CONFIG.streams,
    ...CONFIG.audit,
    ...CONFIG.auditExports,
    ...CONFIG.retention,
    ...CONFIG.bus,
    ...CONFIG.socket,
    ...CONFIG.connections,
    ...CONFIG.deliveries,
  })
  const client = dynamoClient()
  const send = sqsSender()
  const { REGISTRY_TABLE: registry, STREAMS_TABLE: streams } = config
  const sender = {
    log: dynamoStreamLog(client, streams, { retentionSeconds: config.TOPIC_RETENTION_HOURS * 3_600 }),
    ...viewerPosts(client, send, config),
    clock: systemClock,
  }
  return {
    ...sender,
    connections: dynamoConnectionStore(client, streams),
    presence: dynamoPresenceStore(client, streams),
    bus: eventBridgeLifecycleBus(new EventBridgeClient(AWS_CLIENT_CONFIG), config.BUS_NAME),
    channels: channelPublisher(sender),
    deliveries: sqsDeliveryQueue(send, config.DELIVERY_QUEUE_URL),
    webhooks: cachedWebhookList(dynamoWebhookStore(client, registry), systemClock),
    tenants: dynamoTenantGate(client, streams),
    auditing: lazy(async () => (await import('./audit-exporter.ts')).auditExporter(client, config)),
    deliverAgain: sqsDeliverAgain(),
    logger: powertoolsLog('connections'),
  }
}
