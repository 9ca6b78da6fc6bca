import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { memoryAccess } from '#shared/access/memory-access.ts'
import { mintToken } from '#shared/access/token.ts'
import { memoryAgentTemplateStore } from '#shared/agents/memory-agent-template-store.ts'
import { createAuditor } from '#shared/audit/auditor.ts'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import { memoryErasureQueue } from '#shared/erasure/memory-erasure-queue.ts'
import { memoryErasureStore } from '#shared/erasure/memory-erasure-store.ts'
import { memoryBatchStore } from '#shared/executions/memory-batch-store.ts'
import { memoryAnswerStore } from '#shared/idempotency/memory-answer-store.ts'
import { memoryLimits } from '#shared/limits/memory-limits.ts'
import { memoryNoteStore } from '#shared/memory/memory-note-store.ts'
import { memoryDeadLetters } from '#shared/messaging/memory-dead-letters.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { memoryModelSettings } from '#shared/models/memory-model-settings.ts'
import { memoryProviderStates } from '#shared/models/memory-provider-states.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { SCOPES, type Scope } from '#shared/protocol/scopes.ts'
import { memoryConnectionStore } from '#shared/streams/memory-connection-store.ts'
import { memoryConnectionTaskQueue } from '#shared/streams/memory-connection-task-queue.ts'
import { memoryPresenceStore } from '#shared/streams/memory-presence-store.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { memoryDeliveryLog } from '#shared/webhooks/memory-delivery-log.ts'
import { memoryWebhookStore } from '#shared/webhooks/memory-webhook-store.ts'
import { signingKeyOf } from '#shared/webhooks/signature.ts'
import { memoryMetrics } from '../../bench/streams/campaign/memory-metrics.ts'
import { createHandler } from '../../functions/http/create-handler.ts'
import type { HttpDependencies } from '../../functions/http/dependencies.ts'
import { readinessOf } from '../../functions/http/readiness.ts'
import { undescribed } from './described-answers.ts'
import { memoryWorld } from './executions.ts'
import { messagingWorld } from './messaging.ts'

export const TOKEN_SECRET = 'a-secret-of-at-least-thirty-two-characters'

export type HttpCall = {
  /** An error is injected that the operation itself does not know. */
  injected?: boolean
  query?: Record<string, string>
  headers?: Record<string, string>
  /** A text goes as it is, anything else as JSON. */
  body?: unknown
  base64?: boolean
  /** Bytes in place of the body, which the gateway gives in base64. */
  raw?: Buffer
  /** Token of the caller; one with every scope when absent, none at all when null. */
  token?: string | null
}

export type HttpAnswer = { status: number; headers: Record<string, unknown>; body: Record<string, unknown> }

/** The function `http` over adapters in memory. */
export function httpCaller(overrides: Partial<HttpDependencies> = {}) {
  const workQueue = memoryWorkQueue()
  const log = memoryLog()
  const auditLog = memoryAuditLog()
  const clock = { now: () => Date.parse('2026-11-21T09:30:00Z') }
  const connectionTasks = memoryConnectionTaskQueue()
  const presence = memoryPresenceStore(clock)
  const limits = memoryLimits(clock, log)
  const erasureQueue = memoryErasureQueue()
  const { sent, ...messaging } = messagingWorld(clock)
  const { log: streamLog, agents, executions, admission, approvals } = memoryWorld(clock)
  const memory = {
    ...memoryAccess(TOKEN_SECRET, clock),
    agents,
    executions,
    admission,
    streamLog,
    subscriptions: memorySubscriptionStore(streamLog, clock),
    ...messaging,
    conversations: memoryConversationStore(clock),
    notes: memoryNoteStore(),
    ...memoryModelSettings(),
    ...memoryProviderStates(),
    approvals: async () => approvals,
    batches: memoryBatchStore(),
    deadLetters: memoryDeadLetters(),
    defaultTenant: 'default',
    webhooks: memoryWebhookStore(),
    deliveryLog: memoryDeliveryLog({ clock }),
    audit: createAuditor({ auditLog, clock, log }),
    auditReader: auditLog,
    auditExports: auditLog,
    seals: auditLog,
    signingKey: async (tenant: string) => signingKeyOf(TOKEN_SECRET, tenant),
    allowPrivateCallbacks: false,
    maxAgentsPerTenant: 1_000,
    agentTemplates: memoryAgentTemplateStore(),
    agentStage: { executionTimeoutSeconds: 300, providerTimeoutSeconds: 120 },
    workQueue,
    clock,
    ...limits,
    tenantGate: limits.gate,
    erasures: memoryErasureStore(),
    erasureQueue,
    declaredAgents: [],
    answers: memoryAnswerStore(),
    corsOrigins: [],
    connectionTasks,
    presence,
    ...memoryMetrics(presence, clock),
    connections: memoryConnectionStore(),
    defaultModel: undefined,
    stage: 'test',
    log,
    readiness: readinessOf([], clock),
  }
  const dependencies: HttpDependencies = { ...memory, ...overrides }
  const handler = createHandler(dependencies)

  const tokenOf = (tenant = 'acme', scopes: readonly Scope[] = SCOPES, subject = 'ada') =>
    mintToken({ subject, tenant, scopes, expiresInSeconds: 60 }, TOKEN_SECRET, clock)

  /** The answer as it is, for what is no JSON. */
  async function callText(method: string, path: string, options: HttpCall = {}) {
    const token = options.token === undefined ? await tokenOf() : options.token
    const event = eventOf(method, path, options, token)
    const result = await handler(event, {} as Context)
    const answer = { status: Number(result.statusCode), headers: { ...result.headers }, text: result.body ?? '' }
    if (!options.injected) expectDescribed(method, path, answer)
    return answer
  }

  async function call(method: string, path: string, options: HttpCall = {}): Promise<HttpAnswer> {
    const { text, ...answer } = await callText(method, path, options)
    return { ...answer, body: JSON.parse(text || '{}') }
  }

  return { dependencies, auditLog, connectionTasks, erasureQueue, bus: sent, workQueue, log, streamLog, tokenOf, call, callText }
}

/** @throws Error when the description of the API says something else */
function expectDescribed(
  method: string,
  path: string,
  { status, headers, text }: { status: number; headers: object; text: string },
): void {
  const isJson = /json/.test(String(Reflect.get(headers, 'content-type')))
  const fault = undescribed(method, path, { status, body: isJson ? JSON.parse(text) : undefined })
  if (fault !== undefined) throw new Error(fault)
}

export function eventOf(method: string, path: string, options: HttpCall, token: string | null): APIGatewayProxyEventV2 {
  const text = typeof options.body === 'string' ? options.body : JSON.stringify(options.body)
  return {
    version: '2.0',
    routeKey: 'ANY /v1/{proxy+}',
    rawPath: path,
    rawQueryString: '',
    headers: {
      'Content-Type': 'application/json',
      ...(token !== null && { Authorization: `Bearer ${token}` }),
      ...options.headers,
    },
    ...(options.query && { queryStringParameters: options.query }),
    pathParameters: { proxy: path.replace(/^\/v1\//, '') },
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      domainName: 'api.example.com',
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: 'request-1',
      routeKey: 'ANY /v1/{proxy+}',
      stage: '$default',
      time: '21/Nov/2026:09:30:00 +0000',
      timeEpoch: 1_795_253_400_000,
    },
    ...(text !== undefined && { body: options.base64 ? Buffer.from(text).toString('base64') : text }),
    isBase64Encoded: options.base64 ?? false,
    ...(options.raw && { body: options.raw.toString('base64'), isBase64Encoded: true }),
  }
}
