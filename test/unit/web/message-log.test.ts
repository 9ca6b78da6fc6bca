import { describe, expect, it } from 'vitest'
import { addMessage, EMPTY_LOG, MAX_MESSAGES, type MessageLog, togglePause } from '../../../web/console/message-log.ts'
import { topicEvent } from '../../helpers/execution-events.ts'

const sequences = (messages: MessageLog['shown']): number[] => messages.map(({ sequence }) => sequence)
const add = (log: MessageLog, ...numbers: number[]): MessageLog =>
  numbers.reduce((sum, sequence) => addMessage(sum, topicEvent(sequence, null)), log)

describe('message log', () => {
  it('shows the newest first', () => {
    expect(sequences(add(EMPTY_LOG, 1, 2, 3).shown)).toEqual([3, 2, 1])
  })

  it('holds new messages back while it is paused, and shows them in order afterwards', () => {
    const paused = add(togglePause(add(EMPTY_LOG, 1)), 2, 3)
    expect(sequences(paused.shown)).toEqual([1])
    expect(sequences(paused.waiting)).toEqual([3, 2])

    const resumed = togglePause(paused)
    expect(sequences(resumed.shown)).toEqual([3, 2, 1])
    expect(resumed.waiting).toEqual([])
  })

  it('keeps a limited number', () => {
    const log = add(EMPTY_LOG, ...Array.from({ length: MAX_MESSAGES + 1 }, (_, index) => index))
    expect(log.shown).toHaveLength(MAX_MESSAGES)
    expect(log.shown.at(-1)?.sequence).toBe(1)
  })
})
