import { expect, it } from 'vitest'
import { eventLine } from '../../../cli/event-line.ts'
import { chunk, executionEvents, started, topicEvent } from '../../helpers/execution-events.ts'

it('shows sequence, time, type and text', () => {
  const lines = executionEvents([started(), chunk('Hello\nthere'), { type: 'thinking', data: { text: 'hm' } }]).map(eventLine)

  expect(lines).toEqual([
    '   0  09:30:00.000  started        {"provider":"scripted","model":"storyteller"}',
    '   1  09:30:00.000  content_chunk  "Hello\\nthere"',
    '   2  09:30:00.000  thinking       "hm"',
  ])
})

it('shows a message with its id and data', () => {
  expect(eventLine(topicEvent(7, { title: 'Hi' }))).toBe('   7  09:30:00.000  message        m7 {"title":"Hi"}')
})
