import type { AgentStore } from '#shared/agents/agent-store.ts'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import type { WorkItem } from '#shared/messaging/work-queue.ts'
import { type Clock, sleep, timestamp } from '#shared/platform/clock.ts'
import { NotFoundError, SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import { newId } from '#shared/platform/ids.ts'
import type { Log } from '#shared/platform/log.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { executionChannel } from '#shared/protocol/channel.ts'
import type { StreamEventBody } from '#shared/protocol/stream-event.ts'
import { type ChannelSender, type ChannelSenderDependencies, channelSender } from '#shared/streams/channel-sender.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import { textDigest } from '#shared/streams/stream-text.ts'
import { type StreamWriter, streamWriter } from '#shared/streams/stream-writer.ts'
import { type Answer, answer } from './answer.ts'
import type { Ending, ExecutionRecord } from './execution-record.ts'
import type { ExecutionKey, ExecutionStore } from './execution-store.ts'
import { LEASE_MS, type LeaseKeeper, leaseKeeper } from './lease-keeper.ts'
import { repostEnding } from './repost-ending.ts'
import { MAX_ATTEMPTS, retryDelay } from './retry-policy.ts'

export type RunDependencies = ChannelSenderDependencies & {
  executions: ExecutionStore
  agents: AgentStore
  providers: LlmProviders
  clock: Clock
  logger: Log
  /** Longest time of an execution, in milliseconds. */
  executionTimeoutMs: number
}

/** How long the last frames of a stream may take, in milliseconds. A viewer that is slower comes back with its cursor. */
const DRAIN_MS = 10_000

/** `ended`: this call ended it. `duplicate`: another worker has it, or it had ended before. `lost`: another worker took over. */
export type RunResult = 'ended' | 'duplicate' | 'lost'

/** The state of one run: the lease, and the writer with its sender. */
type Run = { record: ExecutionRecord; attempt: number; writer: StreamWriter; sender: ChannelSender; lease: LeaseKeeper }

/**
 * Runs one execution from the work queue: takes the lease, streams the model's answer, ends in one transaction. Safe under duplicate
 * deliveries and after a crash of the worker before.
 *
 * @throws NotFoundError when there is no such execution; anything that leaves the execution to be taken over later
 */
export async function runExecution(dependencies: RunDependencies, item: WorkItem): Promise<RunResult> {
  const { executions, clock, logger } = dependencies
  const now = clock.now()
  const [taken, agent] = await Promise.all([
    executions.acquire(item, { owner: newId(), now, expiresAt: now + LEASE_MS }),
    item.agentId === undefined ? undefined : dependencies.agents.get(item.tenant, item.agentId),
  ])
  if (taken.result === 'missing') throw new NotFoundError('execution', item.executionId)
  if (taken.result === 'ended') await repostEnding(dependencies, taken.record, AbortSignal.timeout(DRAIN_MS))
  if (taken.result !== 'acquired') {
    logger.info('execution_duplicate', { ...item, status: taken.record.status })
    return 'duplicate'
  }
  const run = startRun(dependencies, taken.record)
  try {
    await runToEnd(dependencies, run, agent)
    return 'ended'
  } catch (error) {
    if (!(error instanceof StreamLostError)) throw error
    logger.warn('lease_lost', { ...item, fence: taken.record.fence })
    return 'lost'
  } finally {
    run.lease.stop()
  }
}

function startRun(dependencies: RunDependencies, record: ExecutionRecord): Run {
  const { tenant, executionId, agentId, attempt } = record
  const ref = { tenant, channel: executionChannel(executionId) }
  const sender = channelSender(dependencies, ref, record.postedThrough)
  const writer = streamWriter({ ...dependencies, sender }, { ref, executionId, agentId, attempt, nextSequence: 0 })
  const run = { record, attempt, writer, sender }
  const lease = leaseKeeper(dependencies, record, record.fence, () => ({
    attempt: run.attempt,
    postedThrough: sender.postedThrough(),
  }))
  return Object.assign(run, { lease })
}

async function runToEnd(dependencies: RunDependencies, run: Run, known: Agent | undefined): Promise<void> {
  const { agents, logger, executionTimeoutMs } = dependencies
  const { record, lease } = run
  const timeout = AbortSignal.timeout(executionTimeoutMs)
  const signal = AbortSignal.any([lease.signal, timeout])
  logger.info('execution_started', { ...keyOf(record), attempt: run.attempt })
  const agent = known?.agentId === record.agentId ? known : await agents.get(record.tenant, record.agentId)
  // Written while the model is asked: the writer keeps the order, and tells the next write when it failed.
  openStream(dependencies, run, agent).catch(() => undefined)
  try {
    if (!agent) throw new NotFoundError('agent', record.agentId)
    if (run.attempt > MAX_ATTEMPTS) throw new SluiceError('internal', 'every worker that ran it stopped', { expose: true })
    const result = await answerWithRetries(dependencies, run, agent, signal)
    await end(dependencies, run, { status: 'completed', result })
  } catch (error) {
    lease.signal.throwIfAborted()
    if (error instanceof StreamLostError) throw error
    if (timeout.aborted) await end(dependencies, run, { status: 'timed_out', error: timeoutError(executionTimeoutMs) })
    else await end(dependencies, run, { status: 'failed', error: toSluiceError(error) })
  }
}

/** `started`, or `retrying` where the log shows that a worker before was stopped in the middle. */
function openStream({ log }: RunDependencies, { record, writer, attempt }: Run, agent: Agent | undefined): Promise<void> {
  const ref = { tenant: record.tenant, channel: executionChannel(record.executionId) }
  const started: StreamEventBody = {
    type: 'started',
    data: { provider: agent?.llm.provider ?? 'none', model: agent?.llm.model ?? 'none' },
  }
  const detail = 'the worker of the attempt before stopped'
  const retrying: StreamEventBody = {
    type: 'retrying',
    data: { code: 'unavailable', detail, attempt: Math.max(2, attempt), resumeFrom: -1, delayMs: 0 },
  }
  const findNext = async (): Promise<number> => (await log.lastSequence(ref)) + 1
  return writer.open((sequence) => (sequence === 0 ? started : retrying), attempt > 1 ? findNext : undefined)
}

/** Calls the model, again after a failure that may pass, as long as there are attempts and time. */
async function answerWithRetries(
  { providers, logger }: RunDependencies,
  run: Run,
  agent: Agent,
  signal: AbortSignal,
): Promise<Answer> {
  const { record, writer, lease } = run
  for (;;) {
    try {
      return await answer(providers, agent, record.input, writer, signal)
    } catch (error) {
      signal.throwIfAborted()
      const { code, message, ...failure } = describe(error)
      const delayMs = retryDelay(failure.error, run.attempt)
      if (delayMs === undefined || error instanceof StreamLostError) throw error
      run.attempt += 1
      writer.nextAttempt(run.attempt)
      logger.warn('execution_retrying', { ...keyOf(record), attempt: run.attempt, code, delayMs })
      await writer.emit({ type: 'retrying', data: { code, detail: message, attempt: run.attempt, resumeFrom: -1, delayMs } })
      await lease.renew()
      await sleep(delayMs, signal)
    }
  }
}

type Outcome = { status: 'completed'; result: Answer } | { status: 'failed' | 'timed_out'; error: SluiceError }

/** Ends the execution and its stream in one transaction, then sees the last frames off. */
async function end({ executions, clock, logger }: RunDependencies, run: Run, outcome: Outcome): Promise<void> {
  const { record, writer, sender } = run
  const usage = outcome.status === 'completed' ? outcome.result.usage : undefined
  const failure = outcome.status === 'completed' ? undefined : shown(outcome.error)
  const events = await writer.takeRest(usage ? [{ type: 'usage', data: usage }] : [], ({ events, text }) => {
    const proof = { events, sha256: textDigest(text) }
    return outcome.status === 'completed'
      ? { type: 'completed', data: { stopReason: outcome.result.stopReason, ...proof } }
      : { type: outcome.status, data: { ...shown(outcome.error), ...proof } }
  })
  const text = writer.text()
  const ending: Ending = { status: outcome.status, endedAt: timestamp(clock), output: { text }, error: failure, usage, events }
  if ((await executions.end(record, record.fence, ending)) === 'lost') throw new StreamLostError(record.executionId)
  await writer.ended(events)
  await sender.drain(text, AbortSignal.timeout(DRAIN_MS))
  logger.info('execution_ended', { ...keyOf(record), status: outcome.status, code: failure?.code, events: events.length })
}

const keyOf = ({ tenant, executionId }: ExecutionKey): ExecutionKey => ({ tenant, executionId })

const timeoutError = (milliseconds: number): SluiceError =>
  new SluiceError('timeout', `the execution took longer than ${milliseconds / 1_000} s`)

/** What callers may see of an error. */
const shown = (error: SluiceError): { code: SluiceError['code']; detail: string } => ({
  code: error.code,
  detail: error.expose ? error.message : 'an internal error; the log of the function has it under the execution id',
})

const describe = (thrown: unknown): { error: SluiceError; code: SluiceError['code']; message: string } => {
  const error = toSluiceError(thrown)
  return { error, code: error.code, message: shown(error).detail }
}
