import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExecutionEvent, StreamEvent } from '#shared/protocol/stream-event.ts'
import { PACKED_TEXT_BYTES, packEvents } from '#shared/streams/pack-events.ts'
import { applyEvent, INITIAL_STATE } from '../../../web/client/stream-reducer.ts'
import { aRetry, executionStreams } from '../../helpers/execution-streams.ts'
import { aChunk, aCompletion, aMessage } from '../../helpers/streams.ts'

const aThought = (sequence: number, text: string, status?: string): ExecutionEvent => ({
  ...aChunk(sequence),
  type: 'thinking',
  data: { text, ...(status && { status }) },
})

const rangesOf = (events: StreamEvent[]) =>
  events.map((event) => [('from' in event ? event.from : undefined) ?? event.sequence, event.sequence] as const)

/** What a client shows once it has applied these events; how it got there does not matter. */
function shown(events: StreamEvent[]) {
  const { marks, ...state } = (events as ExecutionEvent[]).reduce(applyEvent, INITIAL_STATE)
  return state
}

describe('packEvents', () => {
  it('makes one event of a run, with the place of its last and the sequence of its first', () => {
    expect(packEvents([aChunk(3, 'A '), aChunk(4, 'ga'), aChunk(5, 'te.')])).toEqual([{ ...aChunk(5, 'A gate.'), from: 3 }])
  })

  it('leaves alone what stands by itself', () => {
    const events = [aThought(0, 'Hm.'), aChunk(1), aThought(2, 'So.'), aCompletion(3)]

    expect(packEvents(events)).toEqual(events)
  })

  it('joins thoughts, with the status of the last', () => {
    const thoughts = [aThought(0, 'Let me ', 'reading'), aThought(1, 'see.', 'counting')]

    expect(packEvents(thoughts)).toEqual([{ ...aThought(1, 'Let me see.', 'counting'), from: 0 }])
  })

  it('leaves out what is taken back: the event behind it stands for it', () => {
    const events = [aChunk(0, 'A '), aChunk(1, 'gate'), aChunk(2, ' or'), aThought(3, 'no'), aRetry(4, 1), aChunk(5, '.')]

    expect(packEvents(events)).toEqual([{ ...aChunk(1, 'A gate'), from: 0 }, { ...aRetry(4, 1), from: 2 }, aChunk(5, '.')])
  })

  it('keeps messages as they are', () => {
    const messages = [aMessage(0), aMessage(1)]

    expect(packEvents(messages)).toEqual(messages)
  })

  it('begins another event where the text outgrows one', () => {
    const events = Array.from({ length: 20 }, (_, sequence) => aChunk(sequence, '"'.repeat(4_000)))

    const packed = packEvents(events) as ExecutionEvent[]

    const sizes = packed.map((event) => Buffer.byteLength(JSON.stringify(event.data)))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(PACKED_TEXT_BYTES + Buffer.byteLength('{"text":""}'))
    expect(packed).toHaveLength(10)
  })

  it('covers every sequence once, in order, whatever the room is', () => {
    fc.assert(
      fc.property(executionStreams, fc.integer({ min: 1, max: 200 }), (events, room) => {
        const ranges = rangesOf(packEvents(events, { room }))

        expect(ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index))).toEqual(
          events.map((event) => event.sequence),
        )
      }),
    )
  })

  it('says the same to a client, packed whole, in batches, or packed until any cursor and plain from there', () => {
    fc.assert(
      fc.property(executionStreams, fc.nat(), fc.integer({ min: 1, max: 200 }), (events, place, room) => {
        const packed = packEvents(events, { room })
        const cut = packed.slice(0, place % (packed.length + 1))
        const rest = events.filter((event) => event.sequence > (cut.at(-1)?.sequence ?? -1))
        const whole = shown(events)

        expect(shown(packed)).toEqual(whole)
        expect(shown([...cut, ...rest])).toEqual(whole)
        expect(shown([...cut, ...packEvents(rest)])).toEqual(whole)
      }),
    )
  })
})
