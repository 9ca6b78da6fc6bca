import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { dynamoTenantGate } from '#shared/limits/dynamo-tenant-gate.ts'
import type { QueueDepths } from '#shared/messaging/queue-depths.ts'
import { sqsQueueDepths } from '#shared/messaging/sqs-queue-depths.ts'
import type { AgentCensus } from '#shared/metrics/agent-census.ts'
import type { CounterStore } from '#shared/metrics/counter-store.ts'
import { dynamoAgentCensus } from '#shared/metrics/dynamo-agent-census.ts'
import { dynamoCounterStore } from '#shared/metrics/dynamo-counter-store.ts'
import { noMetrics, stdoutMetrics } from '#shared/metrics/embedded-metrics.ts'
import { type RequestCounts, requestCounts } from '#shared/metrics/request-counts.ts'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import type { SecretStates } from '#shared/platform/secret-states.ts'
import { secretsManagerSecretStates } from '#shared/platform/secrets-manager-secret-states.ts'
import type { ConnectionStore } from '#shared/streams/connection-store.ts'
import { dynamoConnectionStore } from '#shared/streams/dynamo-connection-store.ts'
import type { PresenceStore } from '#shared/streams/presence-store.ts'
import { type VitalCounts, vitalCountsOf } from './vital-counts.ts'

/** What the routes that show figures need. */
export type MetricsDependencies = {
  counters: CounterStore
  census: AgentCensus
  requestCounts: RequestCounts
  vitalCounts(): Promise<VitalCounts>
  connections: ConnectionStore
  queueDepths: QueueDepths
  secretStates: SecretStates
  /** Names of the platform's own secrets. */
  platformSecrets: readonly string[]
  /** Prefix of the stage's names. */
  platform: string
  metricsEnabled: boolean
}

/** What of the environment they follow from. `queueUrl`: any queue of the platform, beside which the others stand. */
export type MetricsSettings = {
  tables: { executions: string; streams: string }
  platform: string
  stage: string
  queueUrl: string
  declaredAgents: readonly string[]
  platformSecrets: readonly string[]
  metricsEnabled: boolean
}

/** What shows figures, over the tables, queues and secrets of the stage. */
export function metricsDependencies(
  client: DynamoDBDocumentClient,
  presence: PresenceStore,
  { tables, stage, queueUrl, declaredAgents, ...settings }: MetricsSettings,
  clock: Clock = systemClock,
): MetricsDependencies {
  const { platform, metricsEnabled } = settings
  const counters = dynamoCounterStore(client, tables.executions)
  return {
    ...settings,
    counters,
    census: dynamoAgentCensus(client, tables.executions),
    requestCounts: requestCounts(counters, {
      tenants: dynamoTenantGate(client, tables.streams),
      clock,
      metrics: metricsEnabled ? stdoutMetrics(stage) : noMetrics,
    }),
    vitalCounts: vitalCountsOf(presence, counters, clock),
    connections: dynamoConnectionStore(client, tables.streams),
    queueDepths: sqsQueueDepths({ platform, queueUrl, declaredAgents }),
    secretStates: secretsManagerSecretStates(),
  }
}
