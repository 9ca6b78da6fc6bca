import { describe, expect, it } from 'vitest'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { toEventPage } from '#shared/streams/event-page.ts'

const chunk = (sequence: number, text = 'é'): StreamEvent => ({
  type: 'content_chunk',
  executionId: 'e-1',
  agentId: 'assistant',
  attempt: 1,
  sequence,
  time: '2026-11-21T09:30:01.000Z',
  data: { text },
})

describe('toEventPage', () => {
  it('ends with an empty page after the end', () => {
    expect(toEventPage([], 7, true)).toEqual({ events: [], next: 7, complete: true })
  })

  it('stops before the page is too large', () => {
    const events = [chunk(3), chunk(4), chunk(5)]
    const bytesOfTwo = 2 * (Buffer.byteLength(JSON.stringify(chunk(3))) + 1)

    expect(toEventPage(events, 2, true, bytesOfTwo)).toEqual({ events: [chunk(3), chunk(4)], next: 4, complete: false })
    expect(toEventPage(events, 2, true, bytesOfTwo - 1)).toMatchObject({ next: 3 })
  })

  it('goes on even when one event is too large', () => {
    expect(toEventPage([chunk(0, 'x'.repeat(100)), chunk(1)], -1, false, 10)).toMatchObject({ next: 0 })
  })
})
