export interface Sequencer<Event> {
  /** Sequence of the last event in order; undefined until the stream's start is known. */
  readonly cursor: number | undefined
  /** True while events wait for one that is missing before them. */
  readonly hasGap: boolean
  /** Moves the cursor; events that were held back stay, but for those it passes. */
  seek(cursor: number): void
  /** Takes events in any order, any number of times; gives those that are next, each once, in order. */
  accept(events: readonly Event[]): Event[]
}

/** Puts the events of one channel in order: drops what was there before, holds back what came too early. */
export function createSequencer<Event extends { sequence: number }>(after: number | undefined): Sequencer<Event> {
  const early = new Map<number, Event>()
  let cursor = after

  return {
    get cursor() {
      return cursor
    },
    get hasGap() {
      return early.size > 0
    },
    seek(position) {
      cursor = position
      for (const sequence of early.keys()) if (sequence <= position) early.delete(sequence)
    },
    accept(events) {
      if (cursor === undefined) return []
      for (const event of events) if (event.sequence > cursor) early.set(event.sequence, event)
      const ready: Event[] = []
      for (let next = early.get(cursor + 1); next !== undefined; next = early.get(cursor + 1)) {
        ready.push(next)
        cursor += 1
        early.delete(cursor)
      }
      return ready
    },
  }
}
