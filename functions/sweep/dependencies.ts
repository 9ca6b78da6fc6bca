import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import type { DeclaredAgents } from '#shared/agents/follow-deployment.ts'
import type { AuditExports } from '#shared/audit/audit-exports.ts'
import { dynamoAuditExports } from '#shared/audit/dynamo-audit-exports.ts'
import type { ReconcileDependencies } from '#shared/executions/reconcile-agents.ts'
import type { SweepDependencies } from '#shared/executions/sweep-executions.ts'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import type { ConnectionTaskQueue } from '#shared/streams/connection-task-queue.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { sqsConnectionTaskQueue } from '#shared/streams/sqs-connection-task-queue.ts'
import { executionStores } from '../execution-stores.ts'

export type SweepFunctionDependencies = SweepDependencies &
  ReconcileDependencies & {
    declared: DeclaredAgents
    auditExports: Pick<AuditExports, 'due'>
    connectionTasks: ConnectionTaskQueue
  }

/** Made once per container. */
export function sweepDependencies(): SweepFunctionDependencies {
  const config = loadConfig({
    ...CONFIG.stage,
    ...CONFIG.registry,
    ...CONFIG.executions,
    ...CONFIG.streams,
    ...CONFIG.audit,
    ...CONFIG.work,
    ...CONFIG.connections,
    ...CONFIG.health,
    ...CONFIG.declaredAgents,
  })
  const client = dynamoClient()
  const send = sqsSender()
  const { REGISTRY_TABLE: registry, STREAMS_TABLE: streams } = config
  return {
    agents: dynamoAgentStore(client, registry),
    ...executionStores(client, config),
    streamLog: dynamoStreamLog(client, streams),
    subscriptions: dynamoSubscriptionStore(client, streams),
    workQueue: sqsWorkQueue(send, config.WORK_QUEUE_URL),
    connectionTasks: sqsConnectionTaskQueue(send, config.CONNECTIONS_QUEUE_URL),
    auditExports: dynamoAuditExports(client, config.AUDIT_TABLE, systemClock, config.AUDIT_RETENTION_DAYS),
    declared: { tenant: config.SLUICE_DEFAULT_TENANT, agentIds: config.DECLARED_AGENTS, deployment: config.DEPLOYMENT },
    healthCheckMs: config.HEALTH_CHECK_SECONDS * 1_000,
    clock: systemClock,
    logger: powertoolsLog('sweep'),
  }
}
