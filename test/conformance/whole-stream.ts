import { createHash } from 'node:crypto'
import type { StreamOutcome } from '#shared/protocol/flat-event.ts'
import { type ExecutionEvent, executionEventSchema, type StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { equal, must, shown } from './rule.ts'

/** Events follow each other without a gap behind the cursor; a packed one stands for all from its `from`. Gives the last sequence. */
export function inOrder(events: readonly StreamEvent[], after: number): number {
  let cursor = after
  for (const event of events) {
    const first = ('from' in event ? event.from : undefined) ?? event.sequence
    equal(first, cursor + 1, `the event behind cursor ${cursor}`)
    must(event.sequence >= first, `${shown(event)} ends before it begins`)
    cursor = event.sequence
  }
  return cursor
}

/** The whole stream of an execution: in order, one terminal event at the end, which counts and hashes it truly. Gives the kept text. */
export function wholeStream(events: readonly StreamEvent[]): string {
  const last = inOrder(events, -1)
  const terminal = events.at(-1)
  must(terminal !== undefined && isTerminalEvent(terminal), `the stream ends with ${shown(terminal)}, which is no terminal event`)
  equal(events.filter(isTerminalEvent).length, 1, 'the number of terminal events')
  const text = keptText(events)
  const proof = { events: last + 1, sha256: createHash('sha256').update(text, 'utf8').digest('hex') }
  must('data' in terminal && 'events' in terminal.data, 'the terminal event has no proof')
  equal(
    { events: terminal.data.events, sha256: 'sha256' in terminal.data ? terminal.data.sha256 : undefined },
    proof,
    'the proof',
  )
  return text
}

/** Texts of the chunks, less what a later attempt took back. */
export function keptText(events: readonly StreamEvent[]): string {
  let chunks: { sequence: number; text: string }[] = []
  for (const event of events) {
    if (event.type === 'content_chunk') chunks.push({ sequence: event.sequence, text: event.data.text })
    if (event.type === 'retrying') chunks = chunks.filter(({ sequence }) => sequence <= event.data.resumeFrom)
  }
  return chunks.map(({ text }) => text).join('')
}

/** What an execution came to, as the flat event of its end tells it: the kept text and the last word on its tokens. */
export function outcomeOf(events: readonly StreamEvent[]): StreamOutcome {
  const usage = events.findLast((event) => event.type === 'usage')
  return { text: keptText(events), ...(usage && { usage: usage.data }) }
}

/** Events that some transport carried as JSON. */
export function executionEvents(values: readonly unknown[]): ExecutionEvent[] {
  return values.map((value) => {
    const { success, data } = executionEventSchema.safeParse(value)
    must(success, `${shown(value)} is no event of an execution`)
    return data
  })
}
