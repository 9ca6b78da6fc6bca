/**
 * Settings of each stage, as data. Every one of them can be overridden with `-c <name>=<value>`; what they mean, and which values
 * are allowed, stands in `stage-config.ts`.
 */
const COMMON = {
  requestsPerSecond: 200,
  requestBurst: 400,
  requestsPerMinute: 100,
  tenantRequestsPerMinute: 1_000,
  maxSocketsPerTenant: 1_000,
  maxExecutionsPerTenantPerDay: 100_000,
  corsOrigins: '',
  maxConcurrency: 10,
  maxWorkers: 50,
  providerTimeoutSeconds: 120,
  executionTimeoutSeconds: 300,
  topicRetentionHours: 24,
  maxAgentsPerTenant: 1_000,
  executionRetentionDays: 30,
  conversationRetentionDays: 90,
  deliveryRetentionDays: 30,
  auditRetentionDays: 365,
  healthCheckSeconds: 300,
  healthEventSampling: 0,
  metrics: true,
  defaultTenant: 'default',
  bedrockModelArns: '',
  auth: 'on',
  failedAttemptsPerMinute: 20,
  exampleAgents: false,
  endpoints: { health: ['health_events', 'alerts'], monitoring: ['system_metrics'], custom: ['events'] },
}

export const STAGE_DEFAULTS = {
  local: {
    ...COMMON,
    failedAttemptsPerMinute: 1_000,
    // A laptop can be loaded; `RATE_LIMIT_PER_MINUTE` tries what a limit does.
    requestsPerMinute: 6_000,
    tenantRequestsPerMinute: 60_000,
    maxSocketsPerTenant: 100_000,
    maxExecutionsPerTenantPerDay: 10_000_000,
    defaultModel: 'scripted/answer',
    maxWorkers: 10,
    removalPolicy: 'destroy',
    logRetentionDays: 1,
    exampleAgents: true,
    frontDoor: false,
  },
  dev: { ...COMMON, removalPolicy: 'destroy', logRetentionDays: 7, exampleAgents: true, frontDoor: true },
  staging: { ...COMMON, removalPolicy: 'destroy', logRetentionDays: 30, frontDoor: true },
  prod: {
    ...COMMON,
    requestsPerSecond: 1_000,
    requestBurst: 2_000,
    removalPolicy: 'retain',
    logRetentionDays: 90,
    maxConcurrency: 50,
    maxWorkers: 500,
    maxStreams: 300,
    frontDoor: true,
  },
}
