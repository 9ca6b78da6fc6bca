/**
 * Names that handlers and infrastructure share. Nothing is imported here, so the CDK app can read it without loading a handler.
 */

/** Environment variables of the functions. Values are names and addresses, never secrets. */
export const ENV = {
  stage: 'SLUICE_STAGE',
  platform: 'SLUICE_PLATFORM',
  defaultTenant: 'SLUICE_DEFAULT_TENANT',
  registryTable: 'REGISTRY_TABLE',
  maxAgentsPerTenant: 'MAX_AGENTS_PER_TENANT',
  executionsTable: 'EXECUTIONS_TABLE',
  streamsTable: 'STREAMS_TABLE',
  auditTable: 'AUDIT_TABLE',
  auditRetentionDays: 'AUDIT_RETENTION_DAYS',
  auditBucket: 'AUDIT_BUCKET',
  busName: 'BUS_NAME',
  ingressDeadLetterQueueUrl: 'INGRESS_DLQ_URL',
  changesDeadLetterQueueUrl: 'CHANGES_DLQ_URL',
  workQueueUrl: 'WORK_QUEUE_URL',
  executionRetentionDays: 'EXECUTION_RETENTION_DAYS',
  conversationRetentionDays: 'CONVERSATION_RETENTION_DAYS',
  deliveryRetentionDays: 'DELIVERY_RETENTION_DAYS',
  topicRetentionHours: 'TOPIC_RETENTION_HOURS',
  socketApiId: 'SOCKET_API_ID',
  tokenSecretName: 'TOKEN_SECRET_NAME',
  authentication: 'AUTHENTICATION',
  oidcProvider: 'OIDC_PROVIDER',
  failedAttemptsPerMinute: 'FAILED_ATTEMPTS_PER_MINUTE',
  executionTimeoutSeconds: 'EXECUTION_TIMEOUT_SECONDS',
  providerTimeoutSeconds: 'PROVIDER_TIMEOUT_SECONDS',
  artifactsBucket: 'ARTIFACTS_BUCKET',
  deliveryQueueUrl: 'DELIVERY_QUEUE_URL',
  erasureQueueUrl: 'ERASURE_QUEUE_URL',
  webhookSecretName: 'WEBHOOK_SECRET_NAME',
  allowPrivateCallbacks: 'ALLOW_PRIVATE_CALLBACKS',
  healthCheckSeconds: 'HEALTH_CHECK_SECONDS',
  eventSampling: 'HEALTH_EVENT_SAMPLING',
  declaredAgents: 'DECLARED_AGENTS',
  deployment: 'DEPLOYMENT',
  agentDeadLetterQueueUrl: 'AGENT_DLQ_URL',
  connectionsQueueUrl: 'CONNECTIONS_QUEUE_URL',
  socketEndpoints: 'SOCKET_ENDPOINTS',
  requestsPerMinute: 'REQUESTS_PER_MINUTE',
  tenantRequestsPerMinute: 'TENANT_REQUESTS_PER_MINUTE',
  maxSocketsPerTenant: 'MAX_SOCKETS_PER_TENANT',
  maxExecutionsPerTenantPerDay: 'MAX_EXECUTIONS_PER_TENANT_PER_DAY',
  corsOrigins: 'CORS_ORIGINS',
  defaultModel: 'DEFAULT_MODEL',
  metricsEnabled: 'METRICS_ENABLED',
  modelHosts: 'MODEL_HOSTS',
  redactPatterns: 'REDACT_PATTERNS',
  llmModel: 'LLM_MODEL',
  llmEndpoint: 'LLM_ENDPOINT',
  llmApiKeySecretArn: 'LLM_API_KEY_SECRET_ARN',
  llmTimeout: 'LLM_TIMEOUT',
  llmMaxTokens: 'LLM_MAX_TOKENS',
} as const

/** Indexes of the tables. */
export const INDEX = {
  /** On executions and registry: what the sweeper must look at, by time: `dueShard`, `dueAt`. Sparse. */
  due: 'due',
  /** On executions: those of an agent by time of creation: `agentPk`, `agentSk`. */
  agent: 'agent',
  /** On executions: those of a tenant, in {@link TENANT_SHARDS} partitions: `tenantPk`, `agentSk`. */
  tenant: 'tenant',
  /** On executions: those that came by a topic: `topicPk`, `agentSk`. Sparse. */
  topic: 'topic',
  /** On executions: those with a correlation id: `correlationPk`, `agentSk`. Sparse. */
  correlation: 'correlation',
} as const

/** Partitions of a tenant in the index `tenant`, so that no key takes all writes. */
export const TENANT_SHARDS = 4

/** How the sort keys of audit records begin, until the year 3000; all else in the audit table begins with a letter. */
export const AUDIT_RECORD_PREFIX = '2'

/** Partitions of the sparse indexes `due`, so that no key takes all writes. */
export const DUE_SHARDS = 8

/** Platform name of a stage: prefix of its queues, its bus and its secrets. */
export const platformName = (stage: string): string => `sluice-${stage}`

export const busName = (platform: string): string => platform
export const ingressQueueName = (platform: string): string => `${platform}-ingress`
export const workQueueName = (platform: string): string => `${platform}-work`
/** Queue of a declared agent; it stands beside the work queue, so its address follows from that one's. */
export const agentQueueName = (platform: string, agentId: string): string => `${platform}-agent-${agentId}`
/** Queue of callbacks and webhooks that are to be delivered. */
export const deliveryQueueName = (platform: string): string => `${platform}-deliveries`
/** Queue of erasures that go on. */
export const erasureQueueName = (platform: string): string => `${platform}-erasures`
/** Queue of what is done for connections in the background. */
export const connectionsQueueName = (platform: string): string => `${platform}-connections`
export const deadLetterQueueName = (queueName: string): string => `${queueName}-dlq`

/** Secret that signs and verifies access tokens. Its name must not match {@link serviceSecretName}. */
export const tokenSecretName = (platform: string): string => `${platform}-token-key`
/** Secret that callbacks and webhooks are signed with; its name must not match {@link serviceSecretName}. */
export const webhookSecretName = (platform: string): string => `${platform}-webhook-key`
/** Secret of a model provider: `{"apiKey": "…", "baseUrl": "…"}`, so a key can only ever go where its owner sends it. */
export const serviceSecretName = (platform: string, service: string): string => `${platform}-${service}-secret`

/** Source of lifecycle events on the bus; their detail types are those of the catalogue in `shared/protocol/lifecycle-event.ts`. */
export const EVENT_SOURCE = 'sluice.events'
/** Source of the messages that we put on the bus; the rule to the ingress queue matches its detail types by this prefix. */
export const MESSAGE_SOURCE = 'sluice.messages'
/** SQS message attribute that names the tenant; only IAM-authorised senders of the ingress queue can set it. */
export const TENANT_ATTRIBUTE = 'tenant'
/** SQS message attribute that names the topic of a raw JSON body. */
export const TOPIC_ATTRIBUTE = 'topic'
/** SQS message attribute of a dead letter: the first id of the message, which stays its id when it is sent back. */
export const MESSAGE_ID_ATTRIBUTE = 'messageId'

/** Folders under `functions/` that hold a handler; each becomes one deployed function. */
export const FUNCTION_NAMES = [
  'http',
  'socket',
  'stream',
  'dispatch',
  'execute',
  'sweep',
  'deliver',
  'changes',
  'connections',
  'erase',
] as const
export type FunctionName = (typeof FUNCTION_NAMES)[number]
/**
 * Name under which clients of OpenAI's API invoke the function `stream`. Nobody signs for it, so it serves nothing else by this name.
 */
export const OPENAI_ALIAS = 'openai'
/** Folder of an agent in code. */
export type AgentFolder = `agents/${string}`
/** Folder of a tool. */
export type ToolFolder = `tools/${string}`
export const functionName = (platform: string, name: FunctionName | AgentFolder | ToolFolder): string =>
  `${platform}-${name.replace('agents/', 'agent-').replace('tools/', 'tool-')}`
/** Function of a declared tool: its name is all that callers know, and may call. */
export const toolFunctionName = (platform: string, toolId: string): string => functionName(platform, `tools/${toolId}`)

/** Queue that keeps what the sweeper failed on, for a look by a person. */
export const sweepDeadLetterQueueName = (platform: string): string => deadLetterQueueName(`${platform}-sweep`)

/** Queue that keeps the changes from which nothing could follow, for a look by a person. */
export const changesDeadLetterQueueName = (platform: string): string => deadLetterQueueName(`${platform}-changes`)

/** Parts of the CDK app. The front door is left out of the stage `local`, and `OwnAgents` where there is none. */
export const STACKS = ['Data', 'Messaging', 'Api', 'Agents', 'OwnAgents', 'FrontDoor'] as const
/** Name of a CloudFormation stack: `Sluice-<stage>-<part>`. */
export const stackName = (stage: string, part: (typeof STACKS)[number]): string => `Sluice-${stage}-${part}`

/** Keys of the stack outputs. No key occurs in two stacks, so the outputs of all stacks can be merged. */
export const OUTPUT = {
  // Data
  registryTable: 'RegistryTableName',
  executionsTable: 'ExecutionsTableName',
  streamsTable: 'StreamsTableName',
  auditTable: 'AuditTableName',
  auditBucket: 'AuditBucketName',
  artifactsBucket: 'ArtifactsBucketName',
  tokenSecretName: 'TokenSecretName',
  // Messaging
  busName: 'BusName',
  ingressQueueUrl: 'IngressQueueUrl',
  ingressDeadLetterQueueUrl: 'IngressDeadLetterQueueUrl',
  workQueueUrl: 'WorkQueueUrl',
  workDeadLetterQueueUrl: 'WorkDeadLetterQueueUrl',
  deliveryQueueUrl: 'DeliveryQueueUrl',
  deliveryDeadLetterQueueUrl: 'DeliveryDeadLetterQueueUrl',
  erasureQueueUrl: 'ErasureQueueUrl',
  erasureDeadLetterQueueUrl: 'ErasureDeadLetterQueueUrl',
  connectionsQueueUrl: 'ConnectionsQueueUrl',
  connectionsDeadLetterQueueUrl: 'ConnectionsDeadLetterQueueUrl',
  // Api
  httpApiId: 'HttpApiId',
  httpApiUrl: 'HttpApiUrl',
  socketApiId: 'SocketApiId',
  socketApiUrl: 'SocketApiUrl',
  streamFunctionUrl: 'StreamFunctionUrl',
  // Agents
  sweepDeadLetterQueueUrl: 'SweepDeadLetterQueueUrl',
  changesDeadLetterQueueUrl: 'ChangesDeadLetterQueueUrl',
  // FrontDoor
  frontDoorUrl: 'FrontDoorUrl',
  consoleBucket: 'ConsoleBucketName',
} as const

/** Output that names a deployed function: `HttpFunctionName`, `ExecuteFunctionName`, …. */
export const functionOutput = (name: FunctionName): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}FunctionName`
