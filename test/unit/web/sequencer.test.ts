import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSequencer, firstOf, type Numbered } from '../../../web/client/sequencer.ts'

const range = (from: number, sequence: number): Numbered => (from === sequence ? { sequence } : { from, sequence })
const sequences = (events: readonly Numbered[]): number[] =>
  events.flatMap((event) => Array.from({ length: event.sequence - firstOf(event) + 1 }, (_, index) => firstOf(event) + index))

describe('createSequencer', () => {
  it('takes a packed event for all that it stands for', () => {
    const sequencer = createSequencer<Numbered>(1)
    expect(sequencer.accept([range(2, 5), { sequence: 6 }])).toEqual([range(2, 5), { sequence: 6 }])
    expect(sequencer.cursor).toBe(6)
  })

  it('drops what the cursor is beyond, packed or not', () => {
    const sequencer = createSequencer<Numbered>(5)
    expect(sequencer.accept([range(2, 5), { sequence: 4 }])).toEqual([])
    expect(sequencer).toMatchObject({ duplicates: 2, hasGap: false })
  })

  it('cannot use a packed event of which it has a part; what stands behind the cursor closes the gap', () => {
    const sequencer = createSequencer<Numbered>(3)
    expect(sequencer.accept([range(2, 5)])).toEqual([])
    expect(sequencer.hasGap).toBe(true)
    expect(sequencer.accept([{ sequence: 4 }, { sequence: 5 }])).toHaveLength(2)
    expect(sequencer.hasGap).toBe(false)
  })

  it('holds nothing before it knows where the stream begins', () => {
    const sequencer = createSequencer<Numbered>(undefined)
    expect(sequencer.accept([{ sequence: 0 }])).toEqual([])
    sequencer.seek(8)
    expect(sequencer.accept([{ sequence: 9 }])).toEqual([{ sequence: 9 }])
  })

  it('gives every sequence once and in order, for any packing, order and repetition', () => {
    const arrivals = fc.array(fc.tuple(fc.nat(20), fc.nat(4)), { maxLength: 40 })
    fc.assert(
      fc.property(arrivals, (places) => {
        const sequencer = createSequencer<Numbered>(-1)
        const given = places.flatMap(([from, more]) => sequencer.accept([range(from, from + more)]))
        // Whatever is still missing is asked for again from the cursor, one by one.
        const rest = Array.from({ length: 30 }, (_, sequence) => ({ sequence })).slice((sequencer.cursor ?? -1) + 1)
        given.push(...sequencer.accept(rest))

        expect(sequences(given)).toEqual(Array.from({ length: 30 }, (_, sequence) => sequence))
        expect(sequencer.hasGap).toBe(false)
      }),
    )
  })
})
