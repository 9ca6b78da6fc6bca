import type { WorkItem } from '#shared/messaging/work-queue.ts'
import { NotFoundError, SluiceError } from '#shared/platform/errors.ts'
import { newId } from '#shared/platform/ids.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { StreamEventBody } from '#shared/protocol/stream-event.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { channelSender } from '#shared/streams/channel-sender.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import { type Opening, streamWriter } from '#shared/streams/stream-writer.ts'
import { answerWithRetries } from './answer-with-retries.ts'
import { endExecution } from './end-execution.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { isAgentOf } from './is-agent-of.ts'
import { LEASE_MS, leaseKeeper } from './lease-keeper.ts'
import { letNextIn } from './let-next-in.ts'
import type { EndOutcome, Outcome } from './outcome.ts'
import { retryPolicyOf } from './retry-policy.ts'
import { type Invocation, letGo, type Run, type RunDependencies, runFields, stateOf } from './run.ts'
import { stopSwitch } from './stop-switch.ts'
import { waitedMsOf } from './waited-ms-of.ts'

/** Longest time that an invocation keeps for a hand-over, in milliseconds. */
const HAND_OVER_MARGIN_MS = 30_000

/**
 * `ended`: this call ended it. `retry_later`, `handed_over`: another invocation goes on. `suspended`: it waits for somebody. `parked`: it
 * waits for a slot. `duplicate`: another worker has it, or it had ended before. `lost`: another worker took over.
 */
export type RunResult = 'ended' | 'retry_later' | 'handed_over' | 'suspended' | 'parked' | 'duplicate' | 'lost'

/**
 * Runs one execution from a work queue: takes the lease, streams the answer, and ends in one transaction, or leaves the rest to another
 * invocation. Safe under duplicate deliveries and after a crash of the worker before.
 *
 * @throws NotFoundError when there is no such execution; anything that leaves the execution to be taken over later
 */
export async function runExecution(dependencies: RunDependencies, item: WorkItem, invocation: Invocation): Promise<RunResult> {
  const { executions, agents, clock, logger } = dependencies
  const admitted = await letIn(dependencies, item)
  if (admitted === 'parked' || admitted === 'duplicate') return admitted
  const now = clock.now()
  const [taken, agent] = await Promise.all([
    executions.acquire(item, { owner: newId(), now, expiresAt: now + LEASE_MS, tookSlot: admitted === 'taken' }),
    // Only a head start: whoever has the lease reads the agent again when it is missing here.
    item.agentId === undefined ? undefined : agents.get(item.tenant, item.agentId).catch(() => undefined),
  ])
  if (taken.result === 'missing') throw new NotFoundError('execution', item.executionId)
  if (taken.result === 'ended') {
    const { seeOff } = await import('./see-off.ts')
    await seeOff(dependencies, taken.record)
  }
  if (taken.result !== 'acquired') {
    // A late message has taken a slot for what waits without one by now.
    if (admitted === 'taken' && taken.record.suspended && (await executions.returnSlot(taken.record)) === 'returned')
      await letNextIn(dependencies, taken.record)
    logger.info('execution_duplicate', { ...item, status: taken.record.status })
    return taken.result === 'parked' ? 'parked' : 'duplicate'
  }
  const { record } = taken
  const registered = agent?.agentId === record.agentId ? agent : await agents.get(record.tenant, record.agentId)
  const known = registered && isAgentOf(registered, record) ? registered : undefined
  const run = startRun(dependencies, record, known, invocation)
  try {
    return await runToEnd(dependencies, run, known)
  } catch (error) {
    if (!(error instanceof StreamLostError)) throw error
    logger.warn('lease_lost', { ...item, fence: record.fence })
    return 'lost'
  } finally {
    await letGo(run)
  }
}

/** A slot for an execution that has none yet. Its module is loaded when it is needed, like others here: most runs do without. */
async function letIn(dependencies: RunDependencies, item: WorkItem): Promise<'taken' | 'begun' | 'parked' | 'duplicate'> {
  if (!item.admit) return 'begun'
  const { admitRetry } = await import('./admit-retry.ts')
  return admitRetry({ ...dependencies, streamLog: dependencies.log }, item)
}

function startRun(
  dependencies: RunDependencies,
  record: ExecutionRecord,
  agent: Agent | undefined,
  { remainingMs, tap }: Invocation,
): Run {
  const { clock, executionTimeoutMs } = dependencies
  const { executionId, agentId, attempt, usage, checkpoint } = record
  const ref = executionRef(record)
  const sender = channelSender(dependencies, ref, record.postedThrough)
  const writer = streamWriter({ ...dependencies, sender }, { ref, executionId, agentId, attempt, tap })
  const margin = dependencies.handOverMarginMs ?? Math.min(HAND_OVER_MARGIN_MS, remainingMs() / 3)
  const timeoutSeconds = record.timeoutSeconds ?? agent?.timeoutSeconds
  const timeoutMs = timeoutSeconds === undefined ? executionTimeoutMs : timeoutSeconds * 1_000
  const deadline = Date.parse(record.startedAt ?? '') + timeoutMs + waitedMsOf(record)
  const timeLeft = (): number => remainingMs() - margin
  const progress = {
    record,
    policy: retryPolicyOf(record, agent),
    attempt,
    usage,
    checkpoint,
    wait: undefined,
    deadline,
    timeLeft,
    writer,
    sender,
  }
  // The run as it goes on is what the lease stores, so both are parts of one object.
  const lease = leaseKeeper(dependencies, record, record.fence, () => stateOf(progress))
  // Checkpoints hand over while the margin lasts; what has none is stopped when a third of it is left.
  const stop = stopSwitch(sender, { timeoutMs: deadline - clock.now(), invocationMs: remainingMs() - margin / 3 })
  return Object.assign(progress, { lease, stop })
}

async function runToEnd(dependencies: RunDependencies, run: Run, agent: Agent | undefined): Promise<RunResult> {
  dependencies.logger.info('execution_started', runFields(run))
  const end = whyNotToBegin(dependencies, run, agent)
  // Written while the model is asked: the writer keeps the order, and tells the next write when it failed.
  openStream(dependencies, run, agent, end !== undefined).catch(() => undefined)
  if (!end) return settle(dependencies, run, await answerWithRetries(dependencies, run, agent as Agent))
  const result = await settle(dependencies, run, end)
  await dependencies.memory?.leave(run.record)
  return result
}

/** What ends an execution before anybody is asked. */
function whyNotToBegin(
  { clock }: RunDependencies,
  { record, attempt, policy, deadline }: Run,
  agent: Agent | undefined,
): EndOutcome | undefined {
  const now = clock.now()
  if (record.cancelRequestedAt !== undefined)
    return { status: 'cancelled', error: new SluiceError('cancelled', 'cancelled on request') }
  if (record.fence === 1 && record.expiresAtMs !== undefined && record.expiresAtMs <= now)
    return { status: 'expired', error: new SluiceError('expired', 'nobody could begin with it within its time to live') }
  if (!agent) return { status: 'failed', error: new NotFoundError('agent', record.agentId) }
  if (now >= deadline) return { status: 'timed_out', error: new SluiceError('timeout', 'the execution took longer than it may') }
  if (attempt > policy.maxAttempts)
    return { status: 'failed', error: new SluiceError('internal', 'every worker that ran it stopped', { expose: true }) }
  return undefined
}

/**
 * Begins the stream, or goes on where the writer before left it. Whoever looked at the log and has the lease afterwards saw all that was
 * written before: a later writer takes the same place. One that has lost the lease must not write behind its successor's end.
 */
function openStream(
  { log, executions }: RunDependencies,
  { record, writer }: Run,
  agent: Agent | undefined,
  over: boolean,
): Promise<void> {
  const begin: StreamEventBody = { type: 'started', data: modelOf(agent, record) }
  let isFirst = record.fence === 1
  return writer.open(async (): Promise<Opening> => {
    if (isFirst) {
      isFirst = false
      return { sequence: 0, body: over ? undefined : begin }
    }
    const { resumeStream } = await import('./resume-stream.ts')
    const opening = await resumeStream(log, record, { begin, over })
    const standing = await executions.get(record)
    if (standing?.fence !== record.fence) throw new StreamLostError(record.executionId)
    return opening
  })
}

/** Who answers, as far as it is known: a virtual model is chosen, and a fallback taken, when it is asked. `usage` says who did. */
function modelOf(agent: Agent | undefined, { llm }: ExecutionRecord): { provider: string; model: string } {
  if (agent?.kind === 'llm') return { provider: llm?.provider ?? agent.llm.provider, model: llm?.model ?? agent.llm.model }
  return { provider: agent?.kind ?? 'none', model: agent?.agentId ?? 'none' }
}

async function settle(dependencies: RunDependencies, run: Run, outcome: Outcome): Promise<RunResult> {
  if (outcome.status === 'handed_over') {
    const { handOver } = await import('./hand-over.ts')
    await handOver(dependencies, run)
    return 'handed_over'
  }
  if (outcome.status === 'retry_later') {
    const { retryLater } = await import('./retry-later.ts')
    // The slot may be free even when the rest of it failed.
    await retryLater(dependencies, run, outcome).finally(() => letNextIn(dependencies, run.record))
    return 'retry_later'
  }
  if (outcome.status === 'suspended') {
    const { suspendRun } = await import('./suspend-run.ts')
    return suspendRun(dependencies, run, outcome.wait)
  }
  await endExecution(dependencies, run, outcome)
  return 'ended'
}
