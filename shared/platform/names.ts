/**
 * Names that handlers and infrastructure share. Nothing is imported here, so the CDK app can read it without loading a handler.
 */

/** Environment variables of the functions. Values are names and addresses, never secrets. */
export const ENV = {
  stage: 'SLUICE_STAGE',
  platform: 'SLUICE_PLATFORM',
  defaultTenant: 'SLUICE_DEFAULT_TENANT',
  registryTable: 'REGISTRY_TABLE',
  executionsTable: 'EXECUTIONS_TABLE',
  streamsTable: 'STREAMS_TABLE',
  busName: 'BUS_NAME',
  ingressDeadLetterQueueUrl: 'INGRESS_DLQ_URL',
  workQueueUrl: 'WORK_QUEUE_URL',
  socketApiId: 'SOCKET_API_ID',
  tokenSecretName: 'TOKEN_SECRET_NAME',
  executionTimeoutSeconds: 'EXECUTION_TIMEOUT_SECONDS',
  providerTimeoutSeconds: 'PROVIDER_TIMEOUT_SECONDS',
} as const

/** Indexes of the executions table. */
export const INDEX = {
  /** Executions of one agent, newest last: `agentKey`, `createdKey`. */
  byAgent: 'by-agent',
  /** Executions that are not done, by the time the sweeper must look at them: `dueShard`, `dueAt`. Sparse. */
  due: 'due',
} as const

/** Partitions of the sparse index `due`, so that no key takes all writes. */
export const DUE_SHARDS = 8

/** Platform name of a stage: prefix of its queues, its bus and its secrets. */
export const platformName = (stage: string): string => `sluice-${stage}`

export const busName = (platform: string): string => platform
export const ingressQueueName = (platform: string): string => `${platform}-ingress`
export const workQueueName = (platform: string): string => `${platform}-work`
export const deadLetterQueueName = (queueName: string): string => `${queueName}-dlq`

/** Secret that signs and verifies access tokens. Its name must not match {@link serviceSecretName}. */
export const tokenSecretName = (platform: string): string => `${platform}-token-key`
/** Secret of a model provider: `{"apiKey": "…", "baseUrl": "…"}`, so a key can only ever go where its owner sends it. */
export const serviceSecretName = (platform: string, service: string): string => `${platform}-${service}-secret`

/** Source of the events that we put on the bus; the rule to the ingress queue matches its detail types by this prefix. */
export const MESSAGE_SOURCE = 'sluice.messages'
/** SQS message attribute that names the tenant; only IAM-authorised senders of the ingress queue can set it. */
export const TENANT_ATTRIBUTE = 'tenant'
/** SQS message attribute that names the topic of a raw JSON body. */
export const TOPIC_ATTRIBUTE = 'topic'
