import { expect } from 'vitest'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { StreamText } from '#shared/streams/stream-text.ts'
import { sha256 } from './execution-events.ts'

/** Whole, in order, each event once, and the text is the one that the terminal event speaks of. Returns the text. */
export function expectWholeAnswer(events: readonly StreamEvent[]): string {
  expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index))
  expect(events.filter(isTerminalEvent)).toEqual([events.at(-1)])
  const text = new StreamText()
  for (const event of events) text.apply(event)
  expect(events.at(-1)).toMatchObject({ type: 'completed', data: { events: events.length, sha256: sha256(text.text) } })
  expect(text.text.length).toBeGreaterThan(0)
  return text.text
}
