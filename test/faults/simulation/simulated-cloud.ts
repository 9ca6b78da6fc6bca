import type { AgentKey } from '#shared/agents/gate.ts'
import { workItemOf } from '#shared/executions/admission.ts'
import type { Answerer } from '#shared/executions/answerer.ts'
import { changeAgentStatus } from '#shared/executions/change-agent-status.ts'
import { dispatchMessage } from '#shared/executions/dispatch-message.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { LEASE_MS } from '#shared/executions/lease-keeper.ts'
import { llmAnswerer } from '#shared/executions/llm-answerer.ts'
import { reconcileAgents } from '#shared/executions/reconcile-agents.ts'
import { runExecution } from '#shared/executions/run-execution.ts'
import { sweepExecutions } from '#shared/executions/sweep-executions.ts'
import { memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import { memoryTopicStore } from '#shared/messaging/memory-topic-store.ts'
import type { Message } from '#shared/messaging/message.ts'
import { cachedTopicSchemas } from '#shared/messaging/topic-schemas.ts'
import type { WorkItem, WorkQueue } from '#shared/messaging/work-queue.ts'
import { memoryLog } from '#shared/platform/log.ts'
import type { AgentVerb } from '#shared/protocol/agent-lifecycle.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { seededRandom } from '../../../bench/random.ts'
import { memoryWorld } from '../../helpers/executions.ts'
import { senderTools } from '../../helpers/streams.ts'
import { CAREFUL, MARATHON } from './agents.ts'
import { carefulCode } from './careful-code.ts'
import { faultLog } from './fault-log.ts'
import { type Interruption, startInvocation } from './invocation.ts'
import { marathon } from './marathon.ts'
import { scriptedModel } from './scripted-model.ts'
import { simulatedQueue } from './simulated-queue.ts'
import { simulatedSockets } from './viewer.ts'
import { virtualClock } from './virtual-clock.ts'

/** Probabilities of what goes wrong; the numbers are chosen so that every kind of fault is met in a few hundred executions. */
export const FAULTS = {
  queue: { duplicated: 0.08, delayed: 0.05, dropped: 0.03 },
  calls: { throttled: 0.004, answerLost: 0.002 },
  posts: { throttled: 0.05, failed: 0.03, gone: 0.01 },
  interruption: 0.12,
  shortInvocation: 0.2,
  poison: 0.01,
}

export const VISIBILITY_MS = 420_000
const EXECUTION_TIMEOUT_MS = 300_000
const INVOCATION_MS = EXECUTION_TIMEOUT_MS + 60_000
const BATCH = 10

export type SimulatedCloud = ReturnType<typeof simulatedCloud>

/**
 * The functions of Sluice over stores in memory: `dispatch`, `execute` and `sweep` as invocations of their own, whose calls fail and stand
 * still as the seed says, between queues that behave as badly as queues may.
 */
export function simulatedCloud(seed: number) {
  const [random, log, clock] = [seededRandom(seed), faultLog(), virtualClock()]
  const stores = memoryWorld(clock)
  /** What a change stream tells of, sooner or later: executions that ended without a worker. */
  const endings: ExecutionRecord[] = []
  const { endQueued } = stores.executions
  stores.executions.endQueued = async (record, ending) => {
    const result = await endQueued(record, ending)
    if (result === 'ended') endings.push(record)
    return result
  }
  const subscriptions = memorySubscriptionStore(stores.log)
  const sockets = simulatedSockets(random, log, FAULTS.posts)
  const ingress = simulatedQueue<Message | 'poison'>({ clock, random, log }, { faults: FAULTS.queue, visibilityMs: 180_000 })
  const work = simulatedQueue<WorkItem>({ clock, random, log }, { faults: FAULTS.queue, visibilityMs: VISIBILITY_MS })
  const workQueue: WorkQueue = {
    async send(item, delaySeconds = 0) {
      work.send(item, delaySeconds * 1_000)
    },
    async probe() {},
    async register() {},
  }
  const topicSchemas = cachedTopicSchemas(memoryTopicStore(), clock)
  const artifacts = memoryArtifactStore()
  const published: string[] = []
  const topics = {
    async publish(_tenant: string, { id }: { id: string }) {
      published.push(id)
    },
  }
  const frozen: { until: number; thaw(): void }[] = []
  const thaw = (until: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    frozen.push({ until, thaw: resolve })
    return promise
  }
  const model = memoryLlmProviders(scriptedModel(random, log))
  const byModel = llmAnswerer({ providers: model })
  const careful = carefulCode({ clock, random, log })
  const inCode = new Map([
    [MARATHON.agentId, marathon(random, log)],
    [CAREFUL.agentId, careful.answerer],
  ])
  let busy = 0

  /** The ports as one invocation sees them. */
  function invoke(interruption: Interruption | undefined) {
    const invocation = startInvocation({ clock, random, log, thaw }, interruption, FAULTS.calls)
    const streamLog = invocation.port('log', stores.log)
    const dependencies = {
      executions: invocation.port('executions', stores.executions),
      admission: invocation.port('admission', stores.admission),
      approvals: async () => invocation.port('approvals', stores.approvals),
      agents: invocation.port('agents', stores.agents),
      subscriptions: invocation.port('subscriptions', subscriptions),
      workQueue: invocation.port('workQueue', workQueue),
      poster: invocation.port('poster', sockets),
      ...senderTools(clock),
      log: streamLog,
      streamLog,
      topics,
      topicSchemas,
      artifacts,
      answerer: ((request) => (inCode.get(request.agent.agentId) ?? byModel)(request)) satisfies Answerer,
      clock,
      logger: memoryLog(),
      executionTimeoutMs: EXECUTION_TIMEOUT_MS,
      healthCheckMs: 3_600_000,
    }
    return { invocation, dependencies }
  }

  /** Runs one invocation to its end, or to its death. */
  async function during<Result>(run: Promise<Result>): Promise<Result> {
    busy += 1
    return run.finally(() => {
      busy -= 1
    })
  }

  async function dispatch(): Promise<void> {
    const deliveries = ingress.receive(BATCH)
    const kill: Interruption = {
      kind: 'dispatch_killed',
      method: random.pick(['executions.create', 'admission.takeSlot', 'workQueue.send', 'admission.park']),
      call: 1 + random.below(BATCH),
      when: random.pick(['before', 'after']),
      effect: 'kill',
    }
    const { invocation, dependencies } = invoke(random.chance(FAULTS.interruption) ? kill : undefined)
    await Promise.all(
      deliveries.map(async ({ id, body }) => {
        // What nobody can read is refused by the handler, before any use case.
        if (body === 'poison') return
        if ((await invocation.outcome(dispatchMessage(dependencies, body))) === 'done') ingress.remove(id)
      }),
    )
  }

  async function execute(): Promise<void> {
    const deliveries = work.receive(BATCH)
    if (deliveries.length === 0) return
    const { invocation, dependencies } = invoke(random.chance(FAULTS.interruption) ? interruptionOfWorker() : undefined)
    const isShort = random.chance(FAULTS.shortInvocation)
    if (isShort) log.add('invocation_short')
    // The whole invocation is what is kept for a hand-over: the first checkpoint hands over.
    const handOverMarginMs = isShort ? INVOCATION_MS : undefined
    await Promise.all(
      deliveries.map(async ({ id, body }) => {
        const running = runExecution({ ...dependencies, handOverMarginMs }, body, { remainingMs: () => INVOCATION_MS })
        if ((await invocation.outcome(running)) === 'done') work.remove(id)
      }),
    )
  }

  function interruptionOfWorker(): Interruption {
    // Few invocations find more than a few executions: a late call would hardly ever be reached.
    const call = 1 + random.below(BATCH)
    const end = 1 + random.below(3)
    const when = random.pick(['before', 'after'] as const)
    return random.pick<Interruption>([
      { kind: 'worker_killed_in_mid_stream', method: 'log.append', call, when: 'before', effect: 'kill' },
      { kind: 'worker_killed_between_log_and_post', method: 'log.append', call, when: 'after', effect: 'kill' },
      {
        kind: 'worker_killed_before_the_end',
        method: 'executions.end',
        call: end,
        when: 'before',
        effect: 'kill',
      },
      { kind: 'worker_killed_after_the_end', method: 'executions.end', call: end, when: 'after', effect: 'kill' },
      { kind: 'writer_frozen', method: 'log.append', call, when: 'before', effect: { freezeMs: 2 * LEASE_MS } },
      { kind: 'worker_killed_while_suspending', method: 'executions.suspend', call: 1, when, effect: 'kill' },
      { kind: 'writer_frozen', method: 'executions.suspend', call: 1, when, effect: { freezeMs: 2 * LEASE_MS } },
      {
        kind: 'writer_frozen',
        method: 'executions.end',
        call: end,
        when: 'before',
        effect: { freezeMs: VISIBILITY_MS },
      },
    ])
  }

  async function followChanges(): Promise<void> {
    for (const record of endings.splice(0)) await workQueue.send(workItemOf({ ...record, retryAt: undefined }))
  }

  async function sweep(): Promise<void> {
    await followChanges()
    const { invocation, dependencies } = invoke(undefined)
    await invocation.outcome(sweepExecutions(dependencies, AbortSignal.timeout(60_000)))
    await invocation.outcome(reconcileAgents(dependencies, AbortSignal.timeout(60_000)))
  }

  return {
    ...{ random, log, clock, stores, subscriptions, sockets, ingress, work, workQueue, model, careful, published, frozen },
    busy: () => busy,
    invoke,
    /** Starts invocations for what is visible; they run by themselves. */
    poll() {
      if (random.chance(0.7)) void during(dispatch())
      for (let workers = 1 + random.below(3); workers > 0; workers--) void during(execute())
    },
    sweep: () => during(sweep()),
    /** Ports that never fail, for what a user does. */
    steady: () => ({
      ...invoke(undefined).dependencies,
      ...stores,
      approvals: async () => stores.approvals,
      workQueue,
      subscriptions,
      streamLog: stores.log,
    }),
    verb: (agent: AgentKey, verb: AgentVerb, policy: 'drain' | 'cancel' = 'drain') =>
      changeAgentStatus({ ...invoke(undefined).dependencies, ...stores, workQueue }, agent, verb, { policy }),
    thawDue() {
      for (const entry of frozen.filter(({ until }) => until <= clock.now())) {
        frozen.splice(frozen.indexOf(entry), 1)
        entry.thaw()
      }
    },
  }
}
