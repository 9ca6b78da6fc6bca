import { describe, expect, it } from 'vitest'
import { addEvents, EMPTY_LOG, type LiveLog, MAX_EVENTS, togglePause } from '../../../web/console/live-log.ts'

const add = (log: LiveLog<number>, ...events: number[]): LiveLog<number> => addEvents(log, events)

describe('live log', () => {
  it('shows the newest last', () => {
    expect(add(add(EMPTY_LOG, 1), 2, 3).shown).toEqual([1, 2, 3])
  })

  it('holds new events back while it is paused, and shows them in order afterwards', () => {
    const paused = add(add(togglePause(add(EMPTY_LOG, 1)), 2), 3)
    expect(paused.shown).toEqual([1])
    expect(paused.waiting).toEqual([2, 3])

    const resumed = togglePause(paused)
    expect(resumed.shown).toEqual([1, 2, 3])
    expect(resumed.waiting).toEqual([])
  })

  it('keeps a limited number, paused or not', () => {
    const many = Array.from({ length: MAX_EVENTS + 1 }, (_, index) => index)
    const log = add(EMPTY_LOG, ...many)
    expect(log.shown).toHaveLength(MAX_EVENTS)
    expect(log.shown[0]).toBe(1)

    const paused = add(togglePause(log), ...many)
    expect(paused.waiting).toHaveLength(MAX_EVENTS)
    expect(togglePause(paused).shown).toEqual(paused.waiting)
  })
})
