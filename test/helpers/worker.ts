import './lazy-modules.ts'
import { expect } from 'vitest'
import { QUEUE_PATIENCE_MS, workItemOf } from '#shared/executions/admission.ts'
import { admitExecution } from '#shared/executions/admit-execution.ts'
import type { Answerer, AnswerRequest } from '#shared/executions/answerer.ts'
import { type CancelDependencies, cancelExecution } from '#shared/executions/cancel-execution.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { llmAnswerer } from '#shared/executions/llm-answerer.ts'
import type { Invocation, RunDependencies } from '#shared/executions/run.ts'
import { type RunResult, runExecution } from '#shared/executions/run-execution.ts'
import { sweepExecutions } from '#shared/executions/sweep-executions.ts'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { type LlmScript, memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import type { WorkItem, WorkQueue } from '#shared/messaging/work-queue.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { memoryLog } from '#shared/platform/log.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { ExecutionEvent, StreamEvent } from '#shared/protocol/stream-event.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { subscribe } from '#shared/streams/subscribe.ts'
import { anAgent, anExecution, memoryWorld } from './executions.ts'
import { expectWholeStream } from './stream-proof.ts'
import { aSubscription, senderTools } from './streams.ts'

export const NEVER = new AbortController().signal

/** Four words, and what they cost. */
export const words: LlmScript = async function* (): AsyncGenerator<LlmEvent> {
  for (const text of ['A ', 'gate ', 'for ', 'water.']) yield { type: 'text', text }
  yield { type: 'usage', inputTokens: 5, outputTokens: 4 }
  yield { type: 'stop', reason: 'end' }
}

/** The first `times` calls fail behind half an answer. */
export const failing = (error: Error, times: number): LlmScript =>
  async function* (request, call, signal) {
    yield { type: 'text', text: `half of answer ${call} ` }
    yield { type: 'usage', inputTokens: 5, outputTokens: 1 }
    if (call <= times) throw error
    yield* words(request, call, signal)
  }

/** Says `text`, then waits for its signal and ends as that says. */
export const waiting = (text = ''): LlmScript & { aborted(): boolean } => {
  let aborted = false
  async function* script(_request: unknown, _call: number, signal: AbortSignal): AsyncGenerator<LlmEvent> {
    if (text !== '') {
      yield { type: 'text', text }
      yield { type: 'usage', inputTokens: 5, outputTokens: 1 }
    }
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    aborted = true
    throw signal.reason
  }
  return Object.assign(script, { aborted: () => aborted })
}

export const providerError = (code: ErrorCode, retryAfterSeconds?: number) =>
  new ProviderError(code, code, { provider: 'scripted', ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) })

/** Time that an invocation has unless a test says another, in milliseconds. */
const INVOCATION_MS = 300_000

/** Stores that see each other's writes. */
export type WorkerStores = Pick<RunDependencies, 'log' | 'executions' | 'agents' | 'admission' | 'subscriptions' | 'approvals'>

function inMemory(clock: Clock): WorkerStores {
  const world = memoryWorld(clock)
  return {
    ...world,
    subscriptions: memorySubscriptionStore(world.log, clock),
    approvals: async () => world.approvals,
  }
}

export type Scene = Awaited<ReturnType<typeof workerScene>>

/**
 * Everything that workers share, in memory: one agent with two slots, a queue that keeps what was sent with its delays, and a clock that a
 * test may put forward.
 */
export async function workerScene(
  agent: Agent = anAgent({ maxConcurrency: 2 }),
  { tenant = 'acme', stores = inMemory }: { tenant?: string; stores?: (clock: Clock) => WorkerStores } = {},
) {
  let offset = 0
  const clock = { now: () => Date.now() + offset }
  const { log, executions, agents, admission, subscriptions, approvals } = stores(clock)
  const poster = memoryConnectionPoster()
  const logger = memoryLog()
  const sent: { item: WorkItem; delaySeconds: number | undefined }[] = []
  const workQueue: WorkQueue = {
    ...memoryWorkQueue(),
    async send(item, delaySeconds) {
      sent.push({ item: { ...item }, delaySeconds })
    },
  }
  const shared = {
    log,
    executions,
    agents,
    admission,
    subscriptions,
    approvals,
    poster,
    workQueue,
    ...senderTools(clock),
    clock,
    logger,
  }
  const dependencies: CancelDependencies & Omit<RunDependencies, 'answerer'> = {
    ...shared,
    streamLog: log,
    executionTimeoutMs: 600_000,
  }
  // Before every execution, whatever the day of the test.
  await agents.create(tenant, { ...agent, createdAt: '2020-01-01T00:00:00.000Z' })

  const stored = async (record: ExecutionRecord): Promise<ExecutionRecord> => {
    const standing = await executions.get(record)
    if (!standing) throw new Error(`the execution ${record.executionId} does not exist`)
    return standing
  }
  const events = async (record: ExecutionRecord): Promise<ExecutionEvent[]> =>
    (await log.read(executionRef(record), -1)) as ExecutionEvent[]

  return {
    ...shared,
    dependencies,
    sent,
    stored,
    events,
    /** An execution that was asked for, and stands where the gate lets it. */
    async submit(overrides: Partial<ExecutionRecord> = {}): Promise<ExecutionRecord> {
      const record = anExecution({ tenant, agentId: agent.agentId, createdAt: new Date(clock.now()).toISOString(), ...overrides })
      await executions.create(record, clock.now() + QUEUE_PATIENCE_MS)
      await admitExecution(dependencies, record)
      return stored(record)
    },
    /** A worker takes an item. What it lacks is in order: five minutes, every store as it is. */
    work: (
      answerer: Answerer,
      item: WorkItem | ExecutionRecord,
      { remainingMs = () => INVOCATION_MS, ...faults }: Partial<RunDependencies & Invocation> = {},
    ): Promise<RunResult> =>
      runExecution({ ...dependencies, answerer, ...faults }, 'fence' in item ? workItemOf(item) : item, { remainingMs }),
    /** The item that was sent last. */
    lastSent(): { item: WorkItem; delaySeconds: number | undefined } {
      const last = sent.at(-1)
      if (!last) throw new Error('nothing was sent')
      return last
    },
    cancel: (record: ExecutionRecord) => cancelExecution(dependencies, record),
    sweep: () => sweepExecutions(dependencies, NEVER),
    later: (milliseconds: number) => {
      offset += milliseconds
    },
    gate: () => admission.gate({ tenant, agentId: agent.agentId }),
    follow: (record: ExecutionRecord, connectionId: string) =>
      subscribe(dependencies, {
        ref: executionRef(record),
        subscription: aSubscription({ connectionId, subscriptionId: `by-${connectionId}` }),
        signal: NEVER,
      }),
    /** What a client on a connection sees: it drops what it has, as the protocol asks it to. */
    seenBy(connectionId: string): StreamEvent[] {
      const seen: StreamEvent[] = []
      for (const frame of poster.framesOf(connectionId))
        if (frame.message_type === 'realtime_event')
          seen.push(...frame.payload.events.filter(({ sequence }) => sequence > (seen.at(-1)?.sequence ?? -1)))
      return seen
    },
    codes: () => logger.lines.map(({ code }) => code),
    /** Ended: one whole stream, whose text is the output. Returns the record. */
    async expectEnd(record: ExecutionRecord, status: ExecutionRecord['status']): Promise<ExecutionRecord> {
      const standing = await stored(record)
      expect(standing.status).toBe(status)
      const text = expectWholeStream(await events(record))
      expect(standing.output?.text).toBe(text)
      return standing
    },
  }
}

export const byModel = (script: LlmScript): Answerer => llmAnswerer({ providers: memoryLlmProviders(script) })

/** An agent in code, which one worker may have in place of the model. */
export const byCode =
  (code: (request: AnswerRequest) => Promise<unknown>): Answerer =>
  async (request) => {
    const data = await code(request)
    return { stopReason: 'end', ...(data !== undefined && { data }) }
  }

export const say = ({ writer }: AnswerRequest, text: string): void => writer.write({ type: 'content_chunk', data: { text } })
