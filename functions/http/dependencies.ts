import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import type { AccessDependencies } from '#shared/access/authenticate.ts'
import type { CreateApiKeyDependencies } from '#shared/access/create-api-key.ts'
import { dynamoAccess } from '#shared/access/dynamo-access.ts'
import { dynamoApiKeyStore } from '#shared/access/dynamo-api-key-store.ts'
import type { AgentTemplateStore } from '#shared/agents/agent-template-store.ts'
import type { CreateAgentDependencies } from '#shared/agents/create-agent.ts'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { dynamoAgentTemplateStore } from '#shared/agents/dynamo-agent-template-store.ts'
import type { ConversationStore } from '#shared/conversations/conversation-store.ts'
import { dynamoConversationStore } from '#shared/conversations/dynamo-conversation-store.ts'
import { dynamoErasureStore } from '#shared/erasure/dynamo-erasure-store.ts'
import type { RequestErasureDependencies } from '#shared/erasure/request-erasure.ts'
import { sqsErasureQueue } from '#shared/erasure/sqs-erasure-queue.ts'
import type { AgentStage } from '#shared/executions/agent-configuration.ts'
import type { BatchStore } from '#shared/executions/batch-store.ts'
import type { CancelDependencies } from '#shared/executions/cancel-execution.ts'
import type { DecideDependencies } from '#shared/executions/decide-approval.ts'
import { dynamoBatchStore } from '#shared/executions/dynamo-batch-store.ts'
import { type KeyKnowledge, requireKeys } from '#shared/executions/require-keys.ts'
import { requireModelHosts } from '#shared/executions/require-model-hosts.ts'
import type { SubmitDependencies } from '#shared/executions/submit-execution.ts'
import type { AnswerStore } from '#shared/idempotency/answer-store.ts'
import { dynamoAnswerStore } from '#shared/idempotency/dynamo-answer-store.ts'
import { dynamoTenantGate } from '#shared/limits/dynamo-tenant-gate.ts'
import { dynamoNoteStore } from '#shared/memory/dynamo-note-store.ts'
import type { NoteStore } from '#shared/memory/note-store.ts'
import type { ArtifactStore } from '#shared/messaging/artifact-store.ts'
import type { DeclareTopicDependencies } from '#shared/messaging/declare-topic.ts'
import { dynamoTopicStore } from '#shared/messaging/dynamo-topic-store.ts'
import { eventBridgeMessageBus } from '#shared/messaging/event-bridge-message-bus.ts'
import type { PublishMessageDependencies } from '#shared/messaging/publish-message.ts'
import { referencingMessageBus } from '#shared/messaging/referencing-message-bus.ts'
import { s3ArtifactStore } from '#shared/messaging/s3-artifact-store.ts'
import type { SettleDependencies } from '#shared/messaging/settle-dead-letters.ts'
import { sqsDeadLetters } from '#shared/messaging/sqs-dead-letters.ts'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import { cachedTopicSchemas } from '#shared/messaging/topic-schemas.ts'
import { allModelHosts, readStageModel } from '#shared/models/default-model.ts'
import { dynamoModelSettings } from '#shared/models/dynamo-model-settings.ts'
import { dynamoProviderStates } from '#shared/models/dynamo-provider-states.ts'
import type { ModelSettings } from '#shared/models/model-settings.ts'
import type { ProviderStates } from '#shared/models/provider-states.ts'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import type { Log } from '#shared/platform/log.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { secretsManagerSecretStore } from '#shared/platform/secrets-manager-secret-store.ts'
import type { Readiness } from '#shared/protocol/health.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import type { BroadcastDependencies } from '#shared/streams/broadcast.ts'
import { dynamoPresenceStore } from '#shared/streams/dynamo-presence-store.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { sqsConnectionTaskQueue } from '#shared/streams/sqs-connection-task-queue.ts'
import type { CreateWebhookDependencies } from '#shared/webhooks/create-webhook.ts'
import type { DeliveryLog } from '#shared/webhooks/delivery-log.ts'
import { dynamoDeliveryLog } from '#shared/webhooks/dynamo-delivery-log.ts'
import { dynamoWebhookStore } from '#shared/webhooks/dynamo-webhook-store.ts'
import { readSigningKey } from '#shared/webhooks/signing-key.ts'
import type { CorsOrigins } from '../doors/cors.ts'
import { type LimitsDependencies, limitsDependencies } from '../doors/limits-dependencies.ts'
import { executionStores } from '../execution-stores.ts'
import { readModel } from './aliases/read-model.ts'
import { auditDependencies, type HttpAuditDependencies } from './audit-dependencies.ts'
import { type MetricsDependencies, metricsDependencies } from './metrics-dependencies.ts'
import { busProbe, queueProbe, tableProbe, tokenSecretProbe } from './probes.ts'
import { readinessOf } from './readiness.ts'

/** What the routes need. */
export type HttpDependencies = AccessDependencies &
  CreateAgentDependencies &
  PublishMessageDependencies &
  DeclareTopicDependencies &
  SubmitDependencies &
  CancelDependencies &
  DecideDependencies &
  SettleDependencies &
  CreateWebhookDependencies &
  CreateApiKeyDependencies &
  HttpAuditDependencies &
  BroadcastDependencies &
  MetricsDependencies &
  RequestErasureDependencies &
  LimitsDependencies &
  ModelSettings &
  ProviderStates & {
    answers: AnswerStore
    corsOrigins: CorsOrigins
    batches: BatchStore
    agentTemplates: AgentTemplateStore
    /** What the stage decides about agents that say nothing. */
    agentStage: AgentStage
    stageModel?: KeyKnowledge['stageModel']
    deliveryLog: DeliveryLog
    signingKey(tenant: string): Promise<string>
    artifacts: ArtifactStore
    conversations: ConversationStore
    notes: NoteStore
    /** Model of agents that are registered by an alias and name none. */
    defaultModel: LlmSettings | undefined
    stage: string
    log: Log
    readiness(): Promise<Readiness>
  }

/** Made once per container. */
export function createDependencies(): HttpDependencies {
  const config = loadConfig({
    ...CONFIG.stage,
    ...CONFIG.registry,
    ...CONFIG.agentQuota,
    ...CONFIG.timeouts,
    ...CONFIG.executions,
    ...CONFIG.deliveryLog,
    ...CONFIG.conversations,
    ...CONFIG.streams,
    ...CONFIG.audit,
    ...CONFIG.bus,
    ...CONFIG.artifacts,
    ...CONFIG.work,
    ...CONFIG.connections,
    ...CONFIG.access,
    ...CONFIG.deadLetters,
    ...CONFIG.erasures,
    ...CONFIG.callbacks,
    ...CONFIG.limits,
    ...CONFIG.cors,
    ...CONFIG.metrics,
    ...CONFIG.defaultModel,
    ...CONFIG.models,
  })
  const { REGISTRY_TABLE: registry, EXECUTIONS_TABLE: executions, STREAMS_TABLE: streams } = config
  const dynamo = dynamoClient()
  const eventBridge = new EventBridgeClient(AWS_CLIENT_CONFIG)
  const artifacts = s3ArtifactStore(config.ARTIFACTS_BUCKET)
  const topicStore = dynamoTopicStore(dynamo, registry)
  const secrets = secretsManagerSecretStore()
  const send = sqsSender()
  const presence = dynamoPresenceStore(dynamo, streams)
  const access = dynamoAccess({ config, client: dynamo, secrets, clock: systemClock })
  const metrics = metricsDependencies(dynamo, presence, {
    tables: { executions, streams },
    platform: config.SLUICE_PLATFORM,
    stage: config.SLUICE_STAGE,
    queueUrl: config.WORK_QUEUE_URL,
    declaredAgents: config.DECLARED_AGENTS,
    platformSecrets: [config.TOKEN_SECRET_NAME, config.WEBHOOK_SECRET_NAME],
    metricsEnabled: config.METRICS_ENABLED,
  })
  const log = powertoolsLog('http')
  const modelSettings = dynamoModelSettings(dynamo, { registry, streams })
  const stageModel = { model: readStageModel(config), secret: config.LLM_API_KEY_SECRET_ARN }
  return {
    ...access,
    ...metrics,
    ...limitsDependencies(dynamo, streams, { config, log, counts: async () => ({ presence, counters: metrics.counters }) }),
    erasures: dynamoErasureStore(dynamo, registry),
    erasureQueue: sqsErasureQueue(send, config.ERASURE_QUEUE_URL),
    tenantGate: dynamoTenantGate(dynamo, streams),
    declaredAgents: config.DECLARED_AGENTS,
    answers: dynamoAnswerStore(dynamo, executions),
    corsOrigins: config.CORS_ORIGINS,
    ...auditDependencies(dynamo, {
      clock: systemClock,
      log,
      table: config.AUDIT_TABLE,
      retentionDays: config.AUDIT_RETENTION_DAYS,
    }),
    apiKeyStore: dynamoApiKeyStore(dynamo, registry),
    agents: dynamoAgentStore(dynamo, registry),
    maxAgentsPerTenant: config.MAX_AGENTS_PER_TENANT,
    agentTemplates: dynamoAgentTemplateStore(dynamo, registry),
    stageModel,
    requireKeys: requireModelHosts(
      allModelHosts(config.MODEL_HOSTS, config),
      requireKeys({ ...metrics, ...modelSettings, stageModel }),
    ),
    agentStage: {
      executionTimeoutSeconds: config.EXECUTION_TIMEOUT_SECONDS,
      providerTimeoutSeconds: config.PROVIDER_TIMEOUT_SECONDS,
    },
    batches: dynamoBatchStore(dynamo, executions, { retentionDays: config.EXECUTION_RETENTION_DAYS }),
    ...executionStores(dynamo, config),
    streamLog: dynamoStreamLog(dynamo, streams),
    subscriptions: dynamoSubscriptionStore(dynamo, streams),
    artifacts,
    conversations: dynamoConversationStore(dynamo, executions, { retentionDays: config.CONVERSATION_RETENTION_DAYS }),
    notes: dynamoNoteStore(dynamo, executions),
    bus: referencingMessageBus(eventBridgeMessageBus(eventBridge, config.BUS_NAME), artifacts),
    ...modelSettings,
    ...dynamoProviderStates(dynamo, streams),
    topicStore,
    topicSchemas: cachedTopicSchemas(topicStore, systemClock),
    workQueue: sqsWorkQueue(send, config.WORK_QUEUE_URL),
    connectionTasks: sqsConnectionTaskQueue(send, config.CONNECTIONS_QUEUE_URL),
    presence,
    deadLetters: sqsDeadLetters({
      platform: config.SLUICE_PLATFORM,
      queueUrl: config.WORK_QUEUE_URL,
      declaredAgents: config.DECLARED_AGENTS,
    }),
    defaultTenant: config.SLUICE_DEFAULT_TENANT,
    webhooks: dynamoWebhookStore(dynamo, registry),
    deliveryLog: dynamoDeliveryLog(dynamo, executions, { retentionDays: config.DELIVERY_RETENTION_DAYS }),
    signingKey: (tenant) => readSigningKey({ secrets, webhookSecretName: config.WEBHOOK_SECRET_NAME }, tenant),
    allowPrivateCallbacks: config.ALLOW_PRIVATE_CALLBACKS,
    clock: systemClock,
    defaultModel: config.DEFAULT_MODEL === undefined ? undefined : readModel(config.DEFAULT_MODEL),
    stage: config.SLUICE_STAGE,
    log,
    readiness: readinessOf(
      [
        tableProbe(dynamo, 'registry table', registry),
        tableProbe(dynamo, 'executions table', executions),
        tableProbe(dynamo, 'streams table', streams),
        queueProbe('work queue', config.WORK_QUEUE_URL),
        busProbe(eventBridge, 'message bus', config.BUS_NAME),
        tokenSecretProbe(access),
      ],
      systemClock,
    ),
  }
}
