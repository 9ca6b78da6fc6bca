import fc from 'fast-check'
import type { ExecutionEvent, StreamEventBody } from '#shared/protocol/stream-event.ts'
import { aChunk } from './streams.ts'

const text = fc.string({ unit: 'binary', maxLength: 12 })

/** What may stand in a stream before its end, more text than anything else. */
const body: fc.Arbitrary<StreamEventBody | { retryFrom: number }> = fc.oneof(
  { weight: 8, arbitrary: text.map((text): StreamEventBody => ({ type: 'content_chunk', data: { text } })) },
  { weight: 4, arbitrary: text.map((text): StreamEventBody => ({ type: 'thinking', data: { text } })) },
  { weight: 1, arbitrary: fc.constant<StreamEventBody>({ type: 'usage', data: { inputTokens: 1, outputTokens: 2 } }) },
  { weight: 2, arbitrary: fc.nat().map((retryFrom) => ({ retryFrom })) },
)

/** Streams as writers write them, without an end: attempts take back any part of what stands before them. */
export const executionStreams: fc.Arbitrary<ExecutionEvent[]> = fc.array(body, { minLength: 1, maxLength: 30 }).map((bodies) => {
  let attempt = 1
  return bodies.map((body, sequence): ExecutionEvent => {
    if (!('retryFrom' in body)) return { ...aChunk(sequence), ...body, attempt }
    attempt += 1
    const resumeFrom = (body.retryFrom % (sequence + 1)) - 1
    const data = { code: 'rate_limit' as const, detail: 'too many', attempt, resumeFrom, delayMs: 0 }
    return { ...aChunk(sequence), type: 'retrying', data, attempt }
  })
})

/** An attempt that begins with the event of this sequence and keeps everything up to `resumeFrom`. */
export const aRetry = (sequence: number, resumeFrom: number): ExecutionEvent => ({
  ...aChunk(sequence),
  type: 'retrying',
  data: { code: 'rate_limit', detail: 'too many', attempt: 2, resumeFrom, delayMs: 0 },
})
