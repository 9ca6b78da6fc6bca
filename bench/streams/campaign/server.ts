import { memoryAccess } from '#shared/access/memory-access.ts'
import { mintToken } from '#shared/access/token.ts'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { memoryAgentTemplateStore } from '#shared/agents/memory-agent-template-store.ts'
import { memoryGates } from '#shared/agents/memory-gates.ts'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import { memoryErasureQueue } from '#shared/erasure/memory-erasure-queue.ts'
import { memoryErasureStore } from '#shared/erasure/memory-erasure-store.ts'
import { workItemOf } from '#shared/executions/admission.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { LEASE_MS } from '#shared/executions/lease-keeper.ts'
import { llmAnswerer } from '#shared/executions/llm-answerer.ts'
import { memoryAdmissionStore } from '#shared/executions/memory-admission-store.ts'
import { memoryApprovalStore } from '#shared/executions/memory-approval-store.ts'
import { memoryBatchStore } from '#shared/executions/memory-batch-store.ts'
import { memoryExecutionStore } from '#shared/executions/memory-execution-store.ts'
import { runExecution } from '#shared/executions/run-execution.ts'
import { sweepExecutions } from '#shared/executions/sweep-executions.ts'
import { memoryAnswerStore } from '#shared/idempotency/memory-answer-store.ts'
import { memoryLimits } from '#shared/limits/memory-limits.ts'
import { memoryTenantGate } from '#shared/limits/memory-tenant-gate.ts'
import { type LlmScript, memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { memoryNoteStore } from '#shared/memory/memory-note-store.ts'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import { memoryDeadLetters } from '#shared/messaging/memory-dead-letters.ts'
import { memoryMessageBus } from '#shared/messaging/memory-message-bus.ts'
import { memoryTopicStore } from '#shared/messaging/memory-topic-store.ts'
import { cachedTopicSchemas } from '#shared/messaging/topic-schemas.ts'
import type { WorkItem, WorkQueue } from '#shared/messaging/work-queue.ts'
import { memoryModelSettings } from '#shared/models/memory-model-settings.ts'
import { memoryProviderStates } from '#shared/models/memory-provider-states.ts'
import { systemClock, timestamp } from '#shared/platform/clock.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { executionChannel } from '#shared/protocol/channel.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { callbackBudget } from '#shared/streams/callback-budget.ts'
import type { ConnectionTaskQueue } from '#shared/streams/connection-task-queue.ts'
import { memoryCallbackBudgetStore } from '#shared/streams/memory-callback-budget-store.ts'
import { memoryConnectionStore } from '#shared/streams/memory-connection-store.ts'
import { memoryPresenceStore } from '#shared/streams/memory-presence-store.ts'
import { type MemoryStreamLog, memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { sendShard } from '#shared/streams/send-shard.ts'
import { memoryDeliveryLog } from '#shared/webhooks/memory-delivery-log.ts'
import { memoryWebhookStore } from '#shared/webhooks/memory-webhook-store.ts'
import { createHandler as createHttpHandler } from '../../../functions/http/create-handler.ts'
import { readinessOf } from '../../../functions/http/readiness.ts'
import { createHandler as createSocketHandler } from '../../../functions/socket/create-handler.ts'
import { createHandler as createStreamHandler } from '../../../functions/stream/create-handler.ts'
import type { Random } from '../../random.ts'
import type { Chaos } from './faults.ts'
import { frontDoor, startResponse } from './front-door.ts'
import { type GatewayOptions, gateway } from './gateway.ts'
import { type Interruption, startInvocation } from './invocation.ts'
import { memoryMetrics } from './memory-metrics.ts'

export const TENANT = 'campaign'
export const AGENT_ID = 'assistant'

const TOKEN_SECRET = 'a-secret-of-at-least-thirty-two-characters'
const TOKEN_SECONDS = 3_600
const EXECUTION_TIMEOUT_MS = 300_000
const INVOCATION_MS = EXECUTION_TIMEOUT_MS + 60_000
const VISIBILITY_MS = 420_000
const SWEEP_MS = 60_000

export type ServerOptions = Pick<GatewayOptions, 'chaos' | 'networkOf' | 'onLoss' | 'onOpen' | 'onFrame'> & {
  model: LlmScript
  /** What stands between the senders and the connections in a self test. */
  sabotage?: ((poster: ReturnType<typeof gateway>['poster']) => ReturnType<typeof gateway>['poster']) | undefined
}

export type Server = Awaited<ReturnType<typeof startServer>>

/** All functions that a reply passes through, over stores in memory, behind a front door whose calls fail as the seed says. */
export async function startServer({ chaos, networkOf, onLoss, onOpen, onFrame, model, sabotage }: ServerOptions) {
  const { random, odds } = chaos
  const clock = systemClock
  const appendedAt = new Map<string, number>()
  const [log, gates] = [datedLog(memoryStreamLog(clock), appendedAt), memoryGates()]
  const executions = memoryExecutionStore({ log, gates })
  const agents = memoryAgentStore(gates)
  const admission = memoryAdmissionStore({ executions, gates })
  const approvals = memoryApprovalStore(executions.stored)
  const subscriptions = memorySubscriptionStore(log)
  const connections = memoryConnectionStore()
  const access = memoryAccess(TOKEN_SECRET, clock)
  const topicStore = memoryTopicStore()
  const logger = memoryLog()
  const budget = callbackBudget(memoryCallbackBudgetStore(), clock)
  const presence = memoryPresenceStore(clock)
  const running = { answerer: llmAnswerer({ providers: memoryLlmProviders(model) }), executionTimeoutMs: EXECUTION_TIMEOUT_MS }
  const work = workQueue(chaos, execute)
  const connectionTasks: ConnectionTaskQueue = {
    async send(tasks, delaySeconds = 0) {
      for (const task of tasks)
        if (task.task === 'send') setTimeout(() => void sendShard(ports(), task).catch(() => undefined), delaySeconds * 1_000)
    },
  }
  /** What a change stream tells of: executions that ended without a worker. */
  const endings: ExecutionRecord[] = []
  const cancelledAt = new Map<string, number>()
  const { endQueued } = executions
  executions.endQueued = async (record, ending) => {
    const result = await endQueued(record, ending)
    if (result === 'ended') endings.push(record)
    return result
  }

  const { requestCancel } = subscriptions
  subscriptions.requestCancel = async (ref) => {
    await requestCancel(ref)
    if (!cancelledAt.has(ref.channel)) cancelledAt.set(ref.channel, clock.now())
  }

  /** The ports of one invocation. */
  function ports(interruption?: Interruption) {
    const invocation = startInvocation(chaos, interruption)
    const streamLog = invocation.port('log', log)
    return {
      invocation,
      executions: invocation.port('executions', executions),
      admission: invocation.port('admission', admission),
      approvals: async () => approvals,
      agents: invocation.port('agents', agents),
      subscriptions: invocation.port('subscriptions', subscriptions),
      connections: invocation.port('connections', connections),
      ...access,
      tickets: invocation.port('tickets', access.tickets),
      poster: sabotage?.(api.poster) ?? api.poster,
      workQueue: work.queue,
      callbackBudget: budget,
      connectionTasks,
      log: streamLog,
      streamLog,
      graphql: () => Promise.reject(new Error('nobody here speaks GraphQL')),
      audit: async () => undefined,
      clock,
      logger,
    }
  }

  const limits = async () => memoryLimits(clock)
  const api = gateway({
    ...{ chaos, networkOf, onLoss, onOpen, onFrame },
    async invoke(event, context) {
      const dependencies = ports(random.chance(odds.subscriberKilled) ? killOfSubscriber(random) : undefined)
      const handling = createSocketHandler({ ...dependencies, limits, endpoints: {}, allowPrivateCallbacks: false })(
        event,
        context,
      )
      if ((await dependencies.invocation.outcome(handling)) !== 'done') return { statusCode: 500 }
      return (await handling) as { statusCode: number }
    },
  })

  const fetch = frontDoor({
    ...{ chaos, networkOf, onLoss, onOpen },
    http: (event, context) => createHttpHandler(httpDependencies())(event, context),
    async stream(event, response, context) {
      const dependencies = ports(interruptionOfWorker(chaos))
      const direct = async () => ({ ...dependencies, ...running, artifacts: memoryArtifactStore(), allowPrivateCallbacks: false })
      const answering = createStreamHandler({ ...dependencies, ...memoryLimits(clock), corsOrigins: [], startResponse, direct })(
        event,
        response,
        context,
      )
      if ((await dependencies.invocation.outcome(answering)) !== 'done') throw new Error('the process has ended')
    },
  })

  function httpDependencies() {
    const auditLog = memoryAuditLog()
    const { logger: httpLog, ...invocationPorts } = ports()
    return {
      ...invocationPorts,
      artifacts: memoryArtifactStore(),
      presence,
      ...memoryMetrics(presence, clock),
      ...memoryLimits(clock),
      answers: memoryAnswerStore(),
      corsOrigins: [],
      auditReader: auditLog,
      auditExports: auditLog,
      seals: auditLog,
      conversations: memoryConversationStore(clock),
      notes: memoryNoteStore(),
      topicStore,
      topicSchemas: cachedTopicSchemas(topicStore, clock),
      bus: memoryMessageBus(),
      deadLetters: memoryDeadLetters(),
      defaultTenant: TENANT,
      webhooks: memoryWebhookStore(),
      deliveryLog: memoryDeliveryLog(),
      signingKey: async () => TOKEN_SECRET,
      allowPrivateCallbacks: false,
      maxAgentsPerTenant: 1_000,
      erasures: memoryErasureStore(),
      erasureQueue: memoryErasureQueue(),
      tenantGate: memoryTenantGate(),
      declaredAgents: [],
      batches: memoryBatchStore(),
      ...memoryModelSettings(),
      ...memoryProviderStates(),
      defaultModel: undefined,
      agentTemplates: memoryAgentTemplateStore(),
      agentStage: { executionTimeoutSeconds: 300, providerTimeoutSeconds: 120 },
      stage: 'campaign',
      log: httpLog,
      readiness: readinessOf([], clock),
    }
  }

  async function execute(item: WorkItem): Promise<boolean> {
    const { invocation, ...dependencies } = ports(interruptionOfWorker(chaos))
    const deadline = clock.now() + INVOCATION_MS
    const run = runExecution({ ...dependencies, ...running }, item, { remainingMs: () => deadline - clock.now() })
    return (await invocation.outcome(run)) === 'done'
  }

  async function sweep(): Promise<void> {
    for (const record of endings.splice(0)) await work.queue.send(workItemOf({ ...record, retryAt: undefined }))
    const { invocation, ...dependencies } = ports()
    await invocation.outcome(sweepExecutions(dependencies, AbortSignal.timeout(SWEEP_MS)))
  }

  await agents.create(TENANT, {
    ...{ agentId: AGENT_ID, name: 'Assistant', kind: 'llm', status: 'running', health: 'unknown', topics: [] },
    ...{ maxConcurrency: 1_000, maxQueue: 10_000, version: 1, revision: 1, prompts: {} },
    llm: { provider: 'scripted', model: 'scripted-1' },
    retry: { maxAttempts: 6, backoffSeconds: 0.2 },
    createdAt: timestamp(clock),
    updatedAt: timestamp(clock),
  })
  const sweeper = setInterval(() => void sweep(), SWEEP_MS)

  return {
    fetch,
    WebSocket: api.WebSocket,
    /** Read without a detour, for the verdict. */
    log,
    /** When an event got its place in the log. */
    appendedAt: (executionId: string, sequence: number): number =>
      appendedAt.get(placeName(executionChannel(executionId), sequence)) ?? 0,
    /** When it stood written that an execution is to stop. */
    cancelledAt: (executionId: string): number | undefined => cancelledAt.get(executionChannel(executionId)),
    token: (subject: string) =>
      mintToken({ subject, tenant: TENANT, scopes: SCOPES, expiresInSeconds: TOKEN_SECONDS }, TOKEN_SECRET, clock),
    stop: () => clearInterval(sweeper),
  }
}

const placeName = (channel: string, sequence: number): string => `${channel} ${sequence}`

/** A log that writes down when it got its events. */
function datedLog(log: MemoryStreamLog, appendedAt: Map<string, number>): MemoryStreamLog {
  return {
    ...log,
    async append(ref, events) {
      const result = await log.append(ref, events)
      if (result === 'appended') {
        for (const { sequence } of events) {
          const name = placeName(ref.channel, sequence)
          if (!appendedAt.has(name)) appendedAt.set(name, Date.now())
        }
      }
      return result
    },
  }
}

/** A queue that delivers at least once, sometimes twice, sometimes late, and again when a worker did not say that it is done. */
function workQueue({ random, odds, faults }: Chaos, take: (item: WorkItem) => Promise<boolean>): { queue: WorkQueue } {
  function deliver(item: WorkItem, delayMs: number): void {
    setTimeout(() => {
      void take(item).then((done) => {
        if (!done) deliver(item, VISIBILITY_MS)
      })
    }, delayMs)
  }
  return {
    queue: {
      async send(item, delaySeconds = 0) {
        const late = random.chance(odds.queue.late)
        if (late) faults.delivery_late += 1
        deliver(item, 5 + random.below(25) + delaySeconds * 1_000 + (late ? random.below(5_000) : 0))
        if (!random.chance(odds.queue.twice)) return
        faults.delivery_twice += 1
        deliver(item, random.below(3_000))
      },
      async probe() {},
      async register() {},
    },
  }
}

function interruptionOfWorker({ random, odds }: Chaos): Interruption | undefined {
  const when = random.pick(['before', 'after'] as const)
  if (random.chance(odds.killed)) {
    const method = random.pick(['log.append', 'log.append', 'subscriptions.head', 'executions.end'])
    return { kind: 'writer_killed', method, call: method === 'executions.end' ? 1 : 1 + random.below(12), when, effect: 'kill' }
  }
  if (!random.chance(odds.frozen)) return undefined
  const method = random.pick(['log.append', 'subscriptions.head', 'subscriptions.listLive', 'executions.end'])
  const call = method === 'log.append' || method === 'subscriptions.head' ? 1 + random.below(12) : 1
  return { kind: 'writer_frozen', method, call, when, effect: random.pick([5_000, 2 * LEASE_MS, 4 * LEASE_MS]) }
}

const killOfSubscriber = (random: Random): Interruption => ({
  kind: 'subscriber_killed',
  method: random.pick(['subscriptions.beginReplay', 'log.read', 'subscriptions.goLive']),
  call: 1,
  when: random.pick(['before', 'after']),
  effect: 'kill',
})
