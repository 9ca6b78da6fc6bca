import pRetry from 'p-retry'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { type SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'
import type { StreamEventBody } from '#shared/protocol/stream-event.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import { textDigest } from '#shared/streams/stream-text.ts'
import type { Answer } from './answer.ts'
import type { Ending } from './execution-record.ts'
import type { ExecutionStore } from './execution-store.ts'
import { type Run, runFields } from './run.ts'
import { shownError } from './shown-error.ts'

/** What a run came to. */
export type Outcome = { status: 'completed'; result: Answer } | { status: 'failed' | 'timed_out'; error: SluiceError }

/** How long the last frames of a stream may take, in milliseconds. A viewer that is slower comes back with its cursor. */
export const DRAIN_MS = 10_000

/** Tries of the ending while the table is out of reach, about 15 s in all. What was answered must not be lost to a busy table. */
const END_RETRIES = { retries: 7, minTimeout: 100, maxTimeout: 5_000, randomize: true }

/**
 * Ends an execution and its stream in one transaction, then sees the last frames off.
 *
 * @throws StreamLostError when another worker has taken over; anything else leaves the ending, or its last frames, to the next delivery
 */
export async function endExecution(
  { executions, clock, logger }: { executions: ExecutionStore; clock: Clock; logger: Log },
  run: Run,
  outcome: Outcome,
): Promise<void> {
  const { record, writer, sender } = run
  const usage = outcome.status === 'completed' ? outcome.result.usage : undefined
  const error = outcome.status === 'completed' ? undefined : shownError(outcome.error)
  const events = await writer.takeRest(usage ? [{ type: 'usage', data: usage }] : [], (proof) => terminalEvent(outcome, proof))
  const text = writer.text()
  const ending: Ending = { status: outcome.status, endedAt: timestamp(clock), output: { text }, error, usage, events }
  const result = await pRetry(() => executions.end(record, record.fence, ending), {
    ...END_RETRIES,
    shouldRetry: ({ error }) => toSluiceError(error).retryable,
  })
  if (result === 'lost') throw new StreamLostError(record.executionId)
  await writer.ended(events)
  await sender.drain(text, AbortSignal.timeout(DRAIN_MS))
  logger.info('execution_ended', { ...runFields(run), status: outcome.status, code: error?.code, events: events.length })
}

function terminalEvent(outcome: Outcome, { events, text }: { events: number; text: string }): StreamEventBody {
  const proof = { events, sha256: textDigest(text) }
  return outcome.status === 'completed'
    ? { type: 'completed', data: { stopReason: outcome.result.stopReason, ...proof } }
    : { type: outcome.status, data: { ...shownError(outcome.error), ...proof } }
}
