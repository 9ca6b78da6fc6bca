import { dynamoTicketStore } from '#shared/access/dynamo-ticket-store.ts'
import { memoryAccess } from '#shared/access/memory-access.ts'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { dynamoAuditor } from '#shared/audit/dynamo-auditor.ts'
import type { DispatchDependencies } from '#shared/executions/dispatch-message.ts'
import { dynamoAdmissionStore } from '#shared/executions/dynamo-admission-store.ts'
import { dynamoApprovalStore } from '#shared/executions/dynamo-approval-store.ts'
import { dynamoExecutionStore } from '#shared/executions/dynamo-execution-store.ts'
import { llmAnswerer } from '#shared/executions/llm-answerer.ts'
import type { RunDependencies } from '#shared/executions/run.ts'
import { secretLlmProviders } from '#shared/llm/secret-llm-providers.ts'
import { dynamoTopicStore } from '#shared/messaging/dynamo-topic-store.ts'
import { eventBridgeMessageBus } from '#shared/messaging/event-bridge-message-bus.ts'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import type { PublishMessageDependencies } from '#shared/messaging/publish-message.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import { cachedTopicSchemas } from '#shared/messaging/topic-schemas.ts'
import { dynamoCounterStore } from '#shared/metrics/dynamo-counter-store.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import { callbackBudget } from '#shared/streams/callback-budget.ts'
import { dynamoCallbackBudgetStore } from '#shared/streams/dynamo-callback-budget-store.ts'
import { dynamoConnectionStore } from '#shared/streams/dynamo-connection-store.ts'
import { dynamoPresenceStore } from '#shared/streams/dynamo-presence-store.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { memoryConnectionTaskQueue } from '#shared/streams/memory-connection-task-queue.ts'
import { topicPublisher } from '#shared/streams/topic-publisher.ts'
import { limitsDependencies } from '../../functions/doors/limits-dependencies.ts'
import type { SocketDependencies } from '../../functions/socket/dependencies.ts'
import type { BenchRoom } from './bench-room.ts'
import type { MeteredClients } from './metered-clients.ts'
import type { MeteredPoster } from './metered-poster.ts'

/** No rule of the app listens to it. */
const UNUSED_BUS = 'default'
/** Nobody here comes with a token. */
const UNUSED_SECRET = 'unused'
const RETENTION_DAYS = 30
const EXECUTION_TIMEOUT_MS = 60_000
/** Wide enough to refuse nobody; what limits cost is the same. */
const LIMITS = {
  REQUESTS_PER_MINUTE: 100_000,
  TENANT_REQUESTS_PER_MINUTE: 1_000_000,
  MAX_SOCKETS_PER_TENANT: 1_000_000,
  MAX_EXECUTIONS_PER_TENANT_PER_DAY: 1_000_000,
}

/** What the functions are made of, on metered clients. Secrets are read once a minute for all executions, so they are not metered. */
export type MeteredDependencies = RunDependencies & SocketDependencies & DispatchDependencies & PublishMessageDependencies

export function meteredDependencies(room: BenchRoom, clients: MeteredClients, poster: MeteredPoster): MeteredDependencies {
  const { registry, executions, streams } = room.tables
  const { dynamo } = clients
  const secrets = memorySecretStore(room.secrets)
  const log = dynamoStreamLog(dynamo, streams)
  const subscriptions = dynamoSubscriptionStore(dynamo, streams)
  const tools = {
    callbackBudget: callbackBudget(dynamoCallbackBudgetStore(dynamo, streams), systemClock),
    // Nobody here is one of more than two hundred.
    connectionTasks: memoryConnectionTaskQueue(),
  }
  const limits = limitsDependencies(dynamo, streams, {
    config: LIMITS,
    log: memoryLog(),
    counts: async () => ({ presence: dynamoPresenceStore(dynamo, streams), counters: dynamoCounterStore(dynamo, executions) }),
  })
  return {
    agents: dynamoAgentStore(dynamo, registry),
    executions: dynamoExecutionStore(dynamo, { registry, executions, streams }, { retentionDays: RETENTION_DAYS }),
    admission: dynamoAdmissionStore(dynamo, { registry, executions }),
    approvals: async () => dynamoApprovalStore(dynamo, executions, { retentionDays: RETENTION_DAYS }),
    log,
    streamLog: log,
    subscriptions,
    ...tools,
    topics: topicPublisher({ log, subscriptions, poster, ...tools, clock: systemClock }),
    connections: dynamoConnectionStore(dynamo, streams),
    audit: dynamoAuditor(
      dynamo,
      { AUDIT_TABLE: room.tables.audit, AUDIT_RETENTION_DAYS: RETENTION_DAYS },
      { clock: systemClock, log: memoryLog() },
    ),
    endpoints: {},
    allowPrivateCallbacks: false,
    ...memoryAccess(UNUSED_SECRET, systemClock),
    limits: async () => limits,
    graphql: () => Promise.reject(new Error('nobody here speaks GraphQL')),
    tickets: dynamoTicketStore(dynamo, streams),
    workQueue: sqsWorkQueue(clients.send, room.queueUrl),
    topicSchemas: cachedTopicSchemas(dynamoTopicStore(dynamo, registry), systemClock),
    // Nothing here is too large to travel.
    artifacts: memoryArtifactStore(),
    bus: eventBridgeMessageBus(clients.events, UNUSED_BUS),
    answerer: llmAnswerer({ providers: secretLlmProviders({ secrets, platform: room.platform }) }),
    poster,
    clock: systemClock,
    logger: memoryLog(),
    executionTimeoutMs: EXECUTION_TIMEOUT_MS,
  }
}
