import type { AgentStore } from '#shared/agents/agent-store.ts'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import type { WorkItem } from '#shared/messaging/work-queue.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { NotFoundError, SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import { newId } from '#shared/platform/ids.ts'
import type { Log } from '#shared/platform/log.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { StreamEventBody } from '#shared/protocol/stream-event.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { type ChannelSenderDependencies, channelSender } from '#shared/streams/channel-sender.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import { streamWriter } from '#shared/streams/stream-writer.ts'
import { answerWithRetries } from './answer-with-retries.ts'
import { DRAIN_MS, endExecution, type Outcome } from './end-execution.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionStore } from './execution-store.ts'
import { LEASE_MS, leaseKeeper } from './lease-keeper.ts'
import { repostEnding } from './repost-ending.ts'
import { MAX_ATTEMPTS } from './retry-policy.ts'
import { type Run, runFields } from './run.ts'

export type RunDependencies = ChannelSenderDependencies & {
  executions: ExecutionStore
  agents: AgentStore
  providers: LlmProviders
  clock: Clock
  logger: Log
  /** Longest time of an execution, in milliseconds. */
  executionTimeoutMs: number
}

/** `ended`: this call ended it. `duplicate`: another worker has it, or it had ended before. `lost`: another worker took over. */
export type RunResult = 'ended' | 'duplicate' | 'lost'

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
    // Only a head start: whoever has the lease reads the agent again when it is missing here.
    item.agentId === undefined ? undefined : dependencies.agents.get(item.tenant, item.agentId).catch(() => undefined),
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
  const { executionId, agentId, attempt } = record
  const ref = executionRef(record)
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
  logger.info('execution_started', runFields(run))
  const agent = known?.agentId === record.agentId ? known : await agents.get(record.tenant, record.agentId)
  // Written while the model is asked: the writer keeps the order, and tells the next write when it failed.
  openStream(dependencies, run, agent).catch(() => undefined)
  const outcome = await ask(dependencies, run, agent, AbortSignal.any([lease.signal, timeout])).catch(
    (thrown: unknown): Outcome => {
      lease.signal.throwIfAborted()
      if (thrown instanceof StreamLostError) throw thrown
      if (timeout.aborted) return { status: 'timed_out', error: timeoutError(executionTimeoutMs) }
      const error = toSluiceError(thrown)
      if (!error.expose) logger.error('execution_failed', { ...runFields(run), error: thrown })
      return { status: 'failed', error }
    },
  )
  await endExecution(dependencies, run, outcome)
}

async function ask(dependencies: RunDependencies, run: Run, agent: Agent | undefined, signal: AbortSignal): Promise<Outcome> {
  if (!agent) throw new NotFoundError('agent', run.record.agentId)
  if (run.attempt > MAX_ATTEMPTS) throw new SluiceError('internal', 'every worker that ran it stopped', { expose: true })
  return { status: 'completed', result: await answerWithRetries(dependencies, run, agent, signal) }
}

/** `started`, or `retrying` where the log shows that a worker before was stopped in the middle. */
function openStream({ log }: RunDependencies, { record, writer, attempt }: Run, agent: Agent | undefined): Promise<void> {
  const started: StreamEventBody = {
    type: 'started',
    data: { provider: agent?.llm.provider ?? 'none', model: agent?.llm.model ?? 'none' },
  }
  const detail = 'the worker of the attempt before stopped'
  const retrying: StreamEventBody = {
    type: 'retrying',
    data: { code: 'unavailable', detail, attempt: Math.max(2, attempt), resumeFrom: -1, delayMs: 0 },
  }
  const findNext = async (): Promise<number> => (await log.lastSequence(executionRef(record))) + 1
  return writer.open((sequence) => (sequence === 0 ? started : retrying), attempt > 1 ? findNext : undefined)
}

const timeoutError = (milliseconds: number): SluiceError =>
  new SluiceError('timeout', `the execution took longer than ${milliseconds / 1_000} s`)
