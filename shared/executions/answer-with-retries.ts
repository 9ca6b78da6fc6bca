import { sumUsage } from '#shared/models/sum-usage.ts'
import { sleep } from '#shared/platform/clock.ts'
import { SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import { unlessAborted } from '#shared/platform/unless-aborted.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { MAX_ANSWER_BYTES } from '#shared/protocol/limits.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import { announceRetry } from './announce-retry.ts'
import type { Answer, Approvals } from './answerer.ts'
import { attemptWriter } from './attempt-writer.ts'
import { checkpointsOf } from './checkpoints.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { Outcome } from './outcome.ts'
import { retryDelay } from './retry-policy.ts'
import { type Run, type RunDependencies, runFields } from './run.ts'
import { RunStoppedError } from './run-stopped-error.ts'

/** Longest pause that a worker waits for itself, in milliseconds. A longer one gives the slot to somebody else. */
const LONGEST_WAIT_MS = 5_000

/**
 * Asks the agent, again after a failure that may pass, as long as the policy, the deadline and the invocation let it. Each new attempt takes
 * back what the one before has said since the last checkpoint.
 *
 * @throws StreamLostError when another worker has taken over
 */
export async function answerWithRetries(dependencies: RunDependencies, run: Run, agent: Agent): Promise<Outcome> {
  const signal = AbortSignal.any([run.lease.signal, run.stop.signal])
  for (let pauseMs = 0; ; ) {
    try {
      if (pauseMs > 0) await sleep(pauseMs, signal)
      return { status: 'completed', answer: await answerOnce(dependencies, run, agent, signal) }
    } catch (thrown) {
      const next = afterFailure(dependencies, run, signal.aborted ? signal.reason : thrown)
      if (next.status !== 'retry') return next
      pauseMs = next.delayMs
      await announceRetry(dependencies, run, next)
    }
  }
}

async function answerOnce(dependencies: RunDependencies, run: Run, agent: Agent, stopped: AbortSignal): Promise<Answer> {
  const { attempt, deadline } = run
  const over = new AbortController()
  const signal = AbortSignal.any([stopped, over.signal])
  const writer = attemptWriter(run.writer, signal)
  const { checkpoints, settled } = checkpointsOf(dependencies, run, signal)
  const approvals: Approvals = {
    async ask(requests) {
      const { askForApprovals } = await import('./ask-for-approvals.ts')
      signal.throwIfAborted()
      return askForApprovals(dependencies, run.record, requests)
    },
  }
  const addUsage = (used: Usage): void => {
    run.usage = sumUsage(run.usage, used)
  }
  async function ask(): Promise<Answer> {
    const record = await withInput(dependencies, run.record)
    return dependencies.answerer({ record, agent, attempt, writer, checkpoints, approvals, deadline, signal, addUsage })
  }
  try {
    // An agent's code may ignore the signal: it is left behind then, and what it writes later is refused.
    const answer = await unlessAborted(ask(), signal)
    if (answer.data !== undefined && Buffer.byteLength(writer.text() + JSON.stringify(answer.data)) > MAX_ANSWER_BYTES)
      throw new SluiceError('payload_too_large', `the answer is larger than ${MAX_ANSWER_BYTES} bytes`)
    return answer
  } finally {
    over.abort(new SluiceError('conflict', 'the attempt is over'))
    // What comes next must know where it goes on from.
    await settled()
  }
}

async function withInput({ loadInput }: RunDependencies, record: ExecutionRecord): Promise<ExecutionRecord> {
  if (record.inputRef === undefined) return record
  if (!loadInput) throw new SluiceError('internal', 'inputs that are too large to travel cannot be read here')
  return { ...record, input: await loadInput(record) }
}

type Retry = { status: 'retry'; error: SluiceError; delayMs: number }

/** What comes after a failed attempt: another one here, another one later, or the end. */
function afterFailure({ clock, logger }: RunDependencies, run: Run, thrown: unknown): Retry | Outcome {
  if (thrown instanceof StreamLostError) throw thrown
  if (thrown instanceof RunStoppedError) {
    const { kind } = thrown
    if (kind === 'suspended' && run.wait) return { status: kind, wait: run.wait }
    if (kind === 'handed_over' || kind === 'suspended') return { status: 'handed_over' }
    if (kind !== 'out_of_time') return { status: kind, error: thrown }
  }
  const error = toSluiceError(thrown)
  const delayMs = retryDelay(error, run.attempt, run.policy)
  if (delayMs === undefined || clock.now() + delayMs >= run.deadline) {
    if (!error.expose) logger.error('execution_failed', { ...runFields(run), error: thrown })
    return { status: 'failed', error }
  }
  const here = delayMs <= LONGEST_WAIT_MS && run.timeLeft() > delayMs
  return { status: here ? 'retry' : 'retry_later', error, delayMs }
}
