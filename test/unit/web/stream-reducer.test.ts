import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExecutionEvent, StreamEventBody } from '#shared/protocol/stream-event.ts'
import { createSequencer } from '../../../web/client/sequencer.ts'
import { applyEvent, type ExecutionState, INITIAL_STATE } from '../../../web/client/stream-reducer.ts'
import { answer, chunk, executionEvents, retrying, started } from '../../helpers/execution-events.ts'

const fold = (events: readonly ExecutionEvent[], from = INITIAL_STATE): ExecutionState => events.reduce(applyEvent, from)

/** Rule 3 word for word: keep the texts, drop those behind `resumeFrom` at each `retrying`. */
function textByTheProtocol(events: readonly ExecutionEvent[]): string {
  let kept: { sequence: number; text: string }[] = []
  for (const { sequence, ...event } of events) {
    if (event.type === 'content_chunk') kept.push({ sequence, text: event.data.text })
    if (event.type === 'retrying') kept = kept.filter((piece) => piece.sequence <= event.data.resumeFrom)
  }
  return kept.map((piece) => piece.text).join('')
}

const body: fc.Arbitrary<StreamEventBody> = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }).map(chunk) },
  fc.string({ maxLength: 5 }).map((text) => ({ type: 'thinking', data: { text } }) as const),
  fc.integer({ min: -1, max: 30 }).map((resumeFrom) => retrying(resumeFrom)),
  fc.constant({ type: 'usage', data: { inputTokens: 1, outputTokens: 2 } } as const),
)
const stream = fc.array(body, { minLength: 1, maxLength: 30 }).map((bodies) => executionEvents([started(), ...bodies]))

/** The events of a stream as a bad network would bring them: some twice, in any order, each at least once. */
const delivery = stream.chain((events) =>
  fc.record({
    events: fc.constant(events),
    frames: fc
      .tuple(fc.shuffledSubarray(events, { minLength: events.length }), fc.array(fc.constantFrom(...events)))
      .chain(([all, repeated]) => fc.shuffledSubarray([...all, ...repeated], { minLength: all.length + repeated.length })),
    size: fc.integer({ min: 1, max: 5 }),
  }),
)

describe('applyEvent', () => {
  it('keeps the text the protocol keeps, whatever is retried', () => {
    fc.assert(
      fc.property(stream, (events) => {
        expect(fold(events).text).toBe(textByTheProtocol(events))
      }),
    )
  })

  it('gives the same state for every reordering and repetition of frames', () => {
    fc.assert(
      fc.property(delivery, ({ events, frames, size }) => {
        const sequencer = createSequencer<ExecutionEvent>(-1)
        let state = INITIAL_STATE
        for (let at = 0; at < frames.length; at += size) state = fold(sequencer.accept(frames.slice(at, at + size)), state)
        expect(state).toEqual(fold(events))
        expect(sequencer.hasGap).toBe(false)
      }),
    )
  })

  it('goes on from a stored state as if it had never stopped', () => {
    fc.assert(
      fc.property(stream, fc.nat(30), (events, cut) => {
        const stored: ExecutionState = JSON.parse(JSON.stringify(fold(events.slice(0, cut))))
        expect(fold(events.slice(cut), stored)).toEqual(fold(events))
      }),
    )
  })

  it('shows a retry until the next event', () => {
    const [first, second, third] = executionEvents([chunk('gone'), retrying(-1), chunk('new')])
    const paused = fold([first, second] as ExecutionEvent[])
    expect(paused).toMatchObject({ status: 'retrying', text: '', retry: { attempt: 2, code: 'provider_error' } })
    expect(applyEvent(paused, third as ExecutionEvent)).toMatchObject({ status: 'running', text: 'new', retry: undefined })
  })

  it('ends with the proof of the terminal event', () => {
    expect(fold(answer(['a', 'b']))).toMatchObject({ status: 'completed', text: 'ab', proof: { events: 4 } })
  })

  it('moves only the cursor for a type it does not know', () => {
    const unknown = { ...executionEvents([chunk('x')])[0], type: 'tool_call' } as unknown
    expect(applyEvent(INITIAL_STATE, unknown as ExecutionEvent)).toEqual({ ...INITIAL_STATE, cursor: 0 })
  })
})
