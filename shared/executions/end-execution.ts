import { timestamp } from '#shared/platform/clock.ts'
import { retry } from '#shared/platform/retry.ts'
import type { StreamEventBody } from '#shared/protocol/stream-event.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import { textDigest } from '#shared/streams/stream-text.ts'
import type { Ending } from './execution-record.ts'
import { letNextIn } from './let-next-in.ts'
import type { EndOutcome } from './outcome.ts'
import { type Run, type RunDependencies, runFields } from './run.ts'
import { shownError } from './shown-error.ts'
import { STORE_RETRIES } from './store-retries.ts'

/** How long the last frames of a stream may take, in milliseconds. A viewer that is slower comes back with its cursor. */
export const DRAIN_MS = 10_000

/**
 * Ends an execution and its stream in one transaction, then lets the next one in and sees the last frames off.
 *
 * @throws StreamLostError when another worker has taken over; anything else leaves the ending, or its last frames, to the next delivery
 */
export async function endExecution(dependencies: RunDependencies, run: Run, outcome: EndOutcome): Promise<void> {
  const { executions, clock, logger } = dependencies
  const { record, writer, sender, usage } = run
  const { status } = outcome
  const error = outcome.status === 'completed' ? undefined : shownError(outcome.error)
  const data = outcome.status === 'completed' ? outcome.answer.data : undefined
  const events = await writer.takeRest(usage ? [{ type: 'usage', data: usage }] : [], (proof) => terminalEvent(outcome, proof))
  const text = writer.text()
  const output = data === undefined ? { text } : { text, data }
  const ending: Ending = { status, endedAt: timestamp(clock), output, error, usage, events }
  if ((await retry(() => executions.end(record, record.fence, ending), STORE_RETRIES)) === 'lost')
    throw new StreamLostError(record.executionId)
  const [told] = await Promise.allSettled([writer.ended(events), letNextIn(dependencies, record)])
  // Who is known gets the end in any case.
  await sender.drain(text, AbortSignal.timeout(DRAIN_MS))
  if (told.status === 'rejected') throw told.reason
  logger.info('execution_ended', {
    ...runFields(run),
    status,
    code: error?.code,
    provider: error?.provider,
    events: events.length,
  })
}

function terminalEvent(outcome: EndOutcome, { events, text }: { events: number; text: string }): StreamEventBody {
  const proof = { events, sha256: textDigest(text) }
  if (outcome.status === 'completed') return { type: 'completed', data: { stopReason: outcome.answer.stopReason, ...proof } }
  // The stream of what expired ends as failed: its code says more.
  const type = outcome.status === 'expired' ? 'failed' : outcome.status
  return { type, data: { ...shownError(outcome.error), ...proof } }
}
