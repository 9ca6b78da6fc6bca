import { createHash } from 'node:crypto'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import type { Reading, View } from './user.ts'

/** What was found out about all views; every number but the last is 0 when the promises hold. */
export type Verdict = {
  /** Events of the log that a view does not have. */
  lost: number
  /** Events that a page was given more than once. */
  duplicated: number
  /** Events that a page was given behind a later one. */
  reordered: number
  /** Texts that are not the log's, though the events are. */
  wrongTexts: number
  /** Logs that do not prove themselves, and views that ended without a proof, or did not end. */
  unproven: number
  /** Events that came packed into others. */
  packed: number
  problems: string[]
}

export const noVerdict = (): Verdict => ({
  ...{ lost: 0, duplicated: 0, reordered: 0, wrongTexts: 0, unproven: 0, packed: 0 },
  problems: [],
})

/** The kept text of events as the protocol defines it, by means of its own: chunks in their order, less what `retrying` took back. */
export function keptText(events: readonly ExecutionEvent[]): string {
  let chunks: { sequence: number; text: string }[] = []
  for (const event of events) {
    if (event.type === 'content_chunk') chunks.push({ sequence: event.sequence, text: event.data.text })
    if (event.type === 'retrying') {
      const { resumeFrom } = event.data
      chunks = chunks.filter(({ sequence }) => sequence <= resumeFrom)
    }
  }
  return chunks.map(({ text }) => text).join('')
}

/** Compares what a user saw, page by page, with what stands in the log. */
export function judge(view: View, log: readonly ExecutionEvent[], verdict: Verdict): void {
  const tell = (problem: string): void => void verdict.problems.push(`${view.executionId}: ${problem}`)
  const text = keptText(log)
  if (!provesItself(log, text)) {
    verdict.unproven += 1
    tell('the log does not prove itself')
  }
  for (const [index, reading] of view.readings.entries()) {
    judgeReading(reading, log, { isLast: index === view.readings.length - 1 }, verdict, tell)
  }
  const last = view.readings.at(-1)
  if (view.result?.verified !== true || !last) {
    verdict.unproven += 1
    const place = `at cursor ${last?.stream.state.cursor} of ${log.length - 1}`
    tell(view.ended ? `ended without a proof ${place}: ${view.error}` : `never ended, ${place}`)
    return
  }
  if (view.result.text !== text) {
    verdict.wrongTexts += 1
    tell('the result is not the text of the log')
  }
  if (last.after === -1 && last.stream.text !== text) {
    verdict.wrongTexts += 1
    tell('what was shown is not the text of the log')
  }
}

type Tell = (problem: string) => void

/** What a page was given: from its cursor, each event once and in order, as the log has it. */
function judgeReading(
  { after, events }: Reading,
  log: readonly ExecutionEvent[],
  { isLast }: { isLast: boolean },
  verdict: Verdict,
  tell: Tell,
): void {
  const given = new Set<number>()
  let highest = after
  for (const event of events) {
    const first = event.from ?? event.sequence
    for (let sequence = first; sequence <= event.sequence; sequence++) {
      if (given.has(sequence) || sequence <= after) {
        verdict.duplicated += 1
        tell(`event ${sequence} came again`)
      } else if (sequence < highest) {
        verdict.reordered += 1
        tell(`event ${sequence} came behind ${highest}`)
      }
      given.add(sequence)
      highest = Math.max(highest, sequence)
    }
    if (first < event.sequence) verdict.packed += event.sequence - first + 1
    else if (!isSame(event, log[event.sequence])) {
      verdict.wrongTexts += 1
      tell(`event ${event.sequence} is not the one of the log`)
    }
  }
  const end = isLast ? log.length - 1 : highest
  for (let sequence = after + 1; sequence <= end; sequence++) {
    if (given.has(sequence)) continue
    verdict.lost += 1
    tell(`event ${sequence} of ${log.length} is missing`)
  }
  const whole = isLast && after === -1 && events.length > 0
  if (whole && keptText(events) !== keptText(log)) {
    verdict.wrongTexts += 1
    tell('the events do not add up to the text of the log')
  }
}

function isSame(event: ExecutionEvent, standing: ExecutionEvent | undefined): boolean {
  return standing !== undefined && JSON.stringify(event) === JSON.stringify(standing)
}

/** In order, with one end, whose count and hash are right. */
function provesItself(log: readonly ExecutionEvent[], text: string): boolean {
  const last = log.at(-1)
  const inOrder = log.every((event, index) => event.sequence === index)
  if (!last || !inOrder || log.filter(isTerminalEvent).length !== 1 || !('sha256' in last.data)) return false
  return last.data.events === log.length && last.data.sha256 === createHash('sha256').update(text).digest('hex')
}
