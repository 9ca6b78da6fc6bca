import type { ExecutionEvent, StreamEventBody } from '#shared/protocol/stream-event.ts'
import { type ChannelRef, executionRef } from '#shared/streams/channel-ref.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import { StreamText } from '#shared/streams/stream-text.ts'
import type { Opening } from '#shared/streams/stream-writer.ts'
import type { ExecutionRecord } from './execution-record.ts'

/**
 * Where a later writer begins. It goes on from the last checkpoint, and takes back what was said behind it, with `retrying`. Two writers
 * before it stopped on purpose and left nothing to take back: one that handed over at the checkpoint, and one that announced this attempt.
 *
 * @param begin - what stands at the start of a stream in which nothing was written yet
 * @param over - nothing is going to follow but the end: everything that was said is kept
 */
export async function resumeStream(
  log: StreamLog,
  record: ExecutionRecord,
  { begin, over }: { begin: StreamEventBody; over: boolean },
): Promise<Opening> {
  const ref = executionRef(record)
  // After days the log may have forgotten even which places were taken.
  const end = Math.max(await log.lastSequence(ref), record.checkpoint?.sequence ?? -1)
  if (end < 0) return { sequence: 0, body: over ? undefined : begin }
  // After a day the log may not show its events any more.
  const [last] = (await log.read(ref, end - 1, 1)) as ExecutionEvent[]
  const resumeFrom = over ? end : (record.checkpoint?.sequence ?? -1)
  const kept = await textThrough(log, ref, resumeFrom)
  const goesOn = last ? leftOnPurpose(last, record.attempt, resumeFrom) : end === resumeFrom
  const body = over || goesOn ? undefined : retrying(record.attempt, resumeFrom)
  return { sequence: end + 1, kept, body }
}

const leftOnPurpose = (last: ExecutionEvent, attempt: number, resumeFrom: number): boolean =>
  last.attempt === attempt && (last.sequence === resumeFrom || (last.type === 'retrying' && last.data.resumeFrom === resumeFrom))

const retrying = (attempt: number, resumeFrom: number): StreamEventBody => ({
  type: 'retrying',
  data: {
    code: 'unavailable',
    detail: 'the worker of the attempt before stopped',
    attempt: Math.max(2, attempt),
    resumeFrom,
    delayMs: 0,
  },
})

async function textThrough(log: StreamLog, ref: ChannelRef, end: number): Promise<StreamText> {
  const text = new StreamText()
  for (let cursor = -1; cursor < end; ) {
    const events = await log.read(ref, cursor)
    for (const event of events) if (event.sequence <= end) text.apply(event)
    cursor = events.at(-1)?.sequence ?? end
  }
  return text
}
