import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FeedBatch } from '#shared/streams/run-feed.ts'
import { saidText } from '../../../../../functions/stream/openai/said-text.ts'
import { chunk, executionEvents, retrying, started } from '../../../../helpers/execution-events.ts'

const batch = (bodies: Parameters<typeof executionEvents>[0], first = 0, preview = ''): FeedBatch => ({
  events: executionEvents(bodies, 'e1', first),
  preview,
})

/** How a feed may show these texts: events in groups, and previews of what stands behind them. */
const shows = fc.array(fc.string({ minLength: 1, maxLength: 5 }), { maxLength: 12 }).chain((texts) =>
  fc.record({
    texts: fc.constant(texts),
    /** Texts of each batch; with none it is a preview alone. */
    groups: fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }),
    previews: fc.array(fc.nat(6), { minLength: 12, maxLength: 12 }),
  }),
)

function batchesOf({ texts, groups, previews }: { texts: string[]; groups: number[]; previews: number[] }): FeedBatch[] {
  let place = 0
  let ahead = 0
  const batches = groups.map((size, index): FeedBatch => {
    const group = texts.slice(place, place + size)
    const first = place
    place += group.length
    if (group.length > 0) ahead = 0
    const preview = texts
      .slice(place)
      .join('')
      .slice(ahead, ahead + (previews[index] ?? 0))
    ahead += preview.length
    return batch(group.map(chunk), first, preview)
  })
  return [...batches, batch(texts.slice(place).map(chunk), place)]
}

describe('saidText', () => {
  it('tells every text once and in order, however it was shown before it was logged', () => {
    fc.assert(
      fc.property(shows, (shown) => {
        const said = saidText()

        const told = batchesOf(shown).map((each) => said.next(each))

        expect(told.join('')).toBe(shown.texts.join(''))
      }),
    )
  })

  it('says that told text was taken back, in the log or as a preview', () => {
    const [logged, previewed] = [saidText(), saidText()]
    logged.next(batch([started(), chunk('half')]))
    previewed.next(batch([started()], 0, 'ha'))

    expect(logged.next(batch([retrying(0)], 2))).toBeUndefined()
    expect(previewed.next(batch([chunk('half'), retrying(0)], 1))).toBeUndefined()
  })

  it('goes on where nothing was told that does not hold any more', () => {
    const said = saidText()
    said.next(batch([started(), chunk('kept ')]))

    expect(said.next(batch([retrying(1), chunk('and more')], 2))).toBe('and more')
  })
})
