import { timestamp } from '#shared/platform/clock.ts'
import type { StreamEventBody } from '#shared/protocol/stream-event.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import { StreamText, textDigest } from '#shared/streams/stream-text.ts'
import { type AdmissionDependencies, workItemOf } from './admission.ts'
import { admitNext } from './admit-next.ts'
import type { Ending, ExecutionRecord } from './execution-record.ts'

export type EndQueuedDependencies = AdmissionDependencies & { streamLog: StreamLog }

/** Why nobody begins with an execution, or goes on with it. */
export type QueuedEnd = { status: 'cancelled' | 'expired'; detail: string }

/** Why an execution ends that somebody cancelled. */
export const CANCELLED: QueuedEnd = { status: 'cancelled', detail: 'cancelled on request' }

/** Why an execution ends whose agent was stopped with all that it does. */
export const STOPPED: QueuedEnd = { status: 'cancelled', detail: 'the agent was stopped' }

/** Why an execution ends whose time to live is over. */
export const EXPIRED: QueuedEnd = { status: 'expired', detail: 'nobody could begin with it within its time to live' }

/**
 * Ends an execution that nobody runs, wherever it waits, and its stream with it; then has a worker show the end to its viewers, and gives
 * its slot to the next. What an attempt before has said is kept.
 *
 * @param record - as it stands now
 * @returns `changed`: it does not stand so any more; nothing was written
 */
export async function endQueued(
  dependencies: EndQueuedDependencies,
  record: ExecutionRecord,
  end: QueuedEnd,
): Promise<'ended' | 'changed'> {
  const ending = await endingOf(dependencies, record, end)
  if ((await dependencies.executions.endQueued(record, ending)) === 'changed') return 'changed'
  await followEnd(dependencies, record)
  return 'ended'
}

/** What comes after the end of an execution that nobody ran. Repeatable. */
export async function followEnd(dependencies: AdmissionDependencies, record: ExecutionRecord): Promise<void> {
  await dependencies.workQueue.send(workItemOf({ ...record, retryAt: undefined }))
  if (record.place === undefined) await admitNext(dependencies, record)
}

async function endingOf(
  { streamLog, clock }: EndQueuedDependencies,
  record: ExecutionRecord,
  { status, detail }: QueuedEnd,
): Promise<Ending> {
  const { executionId, agentId, usage } = record
  const { next, text } = await readStream(streamLog, record)
  const error = { code: status, detail }
  const endedAt = timestamp(clock)
  const body: StreamEventBody = {
    // The stream of what expired ends as failed: its code says more.
    type: status === 'expired' ? 'failed' : status,
    data: { ...error, events: next + 1, sha256: textDigest(text) },
  }
  const terminal = { ...body, executionId, agentId, attempt: Math.max(1, record.attempt), sequence: next, time: endedAt }
  return { status, endedAt, error, usage, events: [terminal], ...(next > 0 && { output: { text } }) }
}

/** The number that comes next in the log of an execution, and the text that is kept so far. */
async function readStream(log: StreamLog, record: ExecutionRecord): Promise<{ next: number; text: string }> {
  const kept = new StreamText()
  // Nobody has written before the first attempt.
  if (record.attempt === 0) return { next: 0, text: '' }
  const ref = executionRef(record)
  for (let last = -1; ; ) {
    const events = await log.read(ref, last)
    // Events that are no longer kept have had their places.
    if (events.length === 0) {
      const taken = [last, await log.lastSequence(ref), record.checkpoint?.sequence ?? -1]
      return { next: Math.max(...taken) + 1, text: kept.text }
    }
    for (const event of events) kept.apply(event)
    last = events.at(-1)?.sequence ?? last
  }
}
