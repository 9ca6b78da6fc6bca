import { expect } from 'vitest'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { StreamText } from '#shared/streams/stream-text.ts'
import { sha256 } from './execution-events.ts'

/**
 * Whole, in order, each event once, one terminal event, and the text is the one that it speaks of: the promises that every stream keeps,
 * whatever happened on the way. Returns the text.
 */
export function expectWholeStream(events: readonly StreamEvent[]): string {
  expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index))
  expect(events.filter(isTerminalEvent)).toEqual([events.at(-1)])
  const text = new StreamText()
  for (const event of events) text.apply(event)
  expect(events.at(-1)).toMatchObject({ data: { events: events.length, sha256: sha256(text.text) } })
  return text.text
}

/** A whole stream of an answer that was completed, and has text. Returns the text. */
export function expectWholeAnswer(events: readonly StreamEvent[]): string {
  const text = expectWholeStream(events)
  expect(events.at(-1)?.type).toBe('completed')
  expect(text.length).toBeGreaterThan(0)
  return text
}
