import { dynamoExecutionStore } from '#shared/executions/dynamo-execution-store.ts'
import { sqsDeliverAgain } from '#shared/messaging/sqs-deliver-again.ts'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import { guardedFetch } from '#shared/platform/guarded-fetch.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { secretsManagerSecretStore } from '#shared/platform/secrets-manager-secret-store.ts'
import type { DeliverDependencies } from '#shared/webhooks/deliver.ts'
import { dynamoDeliveryLog } from '#shared/webhooks/dynamo-delivery-log.ts'
import { dynamoWebhookStore } from '#shared/webhooks/dynamo-webhook-store.ts'
import { readSigningKey } from '#shared/webhooks/signing-key.ts'
import { sqsDeliveryQueue } from '#shared/webhooks/sqs-delivery-queue.ts'
import type { RecordsDependencies } from '../handle-records.ts'
import { callbackReader } from './callback-reader.ts'

/** Made once per container. */
export function deliverDependencies(): DeliverDependencies & RecordsDependencies {
  const config = loadConfig({
    ...CONFIG.stage,
    ...CONFIG.registry,
    ...CONFIG.executions,
    ...CONFIG.deliveryLog,
    ...CONFIG.streams,
    ...CONFIG.deliveries,
    ...CONFIG.callbacks,
  })
  const client = dynamoClient()
  const { REGISTRY_TABLE: registry, EXECUTIONS_TABLE: executions, STREAMS_TABLE: streams } = config
  const signing = { secrets: secretsManagerSecretStore(), webhookSecretName: config.WEBHOOK_SECRET_NAME }
  return {
    fetch: guardedFetch,
    allowPrivate: config.ALLOW_PRIVATE_CALLBACKS,
    deliveries: sqsDeliveryQueue(sqsSender(), config.DELIVERY_QUEUE_URL),
    deliveryLog: dynamoDeliveryLog(client, executions, { retentionDays: config.DELIVERY_RETENTION_DAYS }),
    webhooks: dynamoWebhookStore(client, registry),
    readCallback: callbackReader(
      dynamoExecutionStore(client, { registry, executions, streams }, { retentionDays: config.EXECUTION_RETENTION_DAYS }),
    ),
    signingKey: (tenant) => readSigningKey(signing, tenant),
    clock: systemClock,
    deliverAgain: sqsDeliverAgain(),
    logger: powertoolsLog('deliver'),
  }
}
