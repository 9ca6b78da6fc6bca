import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { deadLetterPlace } from '#shared/erasure/dead-letter-place.ts'
import { dynamoErasurePlace } from '#shared/erasure/dynamo-erasure-place.ts'
import { dynamoErasureStore } from '#shared/erasure/dynamo-erasure-store.ts'
import type { EraseTenantDependencies } from '#shared/erasure/erase-tenant.ts'
import { s3ErasurePlace } from '#shared/erasure/s3-erasure-place.ts'
import { sqsErasureQueue } from '#shared/erasure/sqs-erasure-queue.ts'
import { dynamoTenantGate } from '#shared/limits/dynamo-tenant-gate.ts'
import { sqsDeadLetters } from '#shared/messaging/sqs-dead-letters.ts'
import { sqsDeliverAgain } from '#shared/messaging/sqs-deliver-again.ts'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { dynamoPresenceStore } from '#shared/streams/dynamo-presence-store.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { socketPoster } from '#shared/streams/socket-poster.ts'
import { executionStores } from '../execution-stores.ts'
import type { RecordsDependencies } from '../handle-records.ts'

/** Longer than the longest execution by what ends it takes, in milliseconds. */
const PATIENCE_MARGIN_MS = 60_000

/** Made once per container. */
export function eraseDependencies(): EraseTenantDependencies & RecordsDependencies {
  const config = loadConfig({
    ...CONFIG.stage,
    ...CONFIG.registry,
    ...CONFIG.executions,
    ...CONFIG.streams,
    ...CONFIG.audit,
    ...CONFIG.auditExports,
    ...CONFIG.artifacts,
    ...CONFIG.work,
    ...CONFIG.socket,
    ...CONFIG.deadLetters,
    ...CONFIG.timeouts,
    ...CONFIG.erasures,
  })
  const client = dynamoClient()
  const send = sqsSender()
  const { REGISTRY_TABLE: registry, EXECUTIONS_TABLE: executions, STREAMS_TABLE: streams, AUDIT_TABLE: audit } = config
  const deadLetters = sqsDeadLetters({
    platform: config.SLUICE_PLATFORM,
    queueUrl: config.WORK_QUEUE_URL,
    declaredAgents: config.DECLARED_AGENTS,
  })
  return {
    agents: dynamoAgentStore(client, registry),
    ...executionStores(client, config),
    streamLog: dynamoStreamLog(client, streams),
    subscriptions: dynamoSubscriptionStore(client, streams),
    workQueue: sqsWorkQueue(send, config.WORK_QUEUE_URL),
    presence: dynamoPresenceStore(client, streams),
    poster: socketPoster(config),
    erasures: dynamoErasureStore(client, registry),
    erasureQueue: sqsErasureQueue(send, config.ERASURE_QUEUE_URL),
    tenantGate: dynamoTenantGate(client, streams),
    places: [
      deadLetterPlace({ deadLetters, defaultTenant: config.SLUICE_DEFAULT_TENANT }),
      ...Object.entries({ registry, executions, streams, audit }).map(([name, table]) => dynamoErasurePlace(client, name, table)),
      s3ErasurePlace('artifacts', config.ARTIFACTS_BUCKET),
      s3ErasurePlace('auditExports', config.AUDIT_BUCKET, { isLocked: true }),
    ],
    patienceMs: config.EXECUTION_TIMEOUT_SECONDS * 1_000 + PATIENCE_MARGIN_MS,
    clock: systemClock,
    deliverAgain: sqsDeliverAgain(),
    logger: powertoolsLog('erase'),
  }
}
