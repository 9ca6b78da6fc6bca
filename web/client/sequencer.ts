/** What has a place in a stream. With `from` it stands for all events from there to its sequence. */
export interface Numbered {
  sequence: number
  from?: number | undefined
}

export interface Sequencer<Event> {
  /** Sequence of the last event in order; undefined until the stream's start is known. */
  readonly cursor: number | undefined
  /** True while events wait for one that is missing before them. */
  readonly hasGap: boolean
  /** Events dropped because they were there before. */
  readonly duplicates: number
  /** Moves the cursor; events that were held back stay, but for those it passes. */
  seek(cursor: number): void
  /** Takes events in any order, any number of times; gives those that are next, each once, in order. */
  accept(events: readonly Event[]): Event[]
}

/** First sequence that an event stands for. */
export const firstOf = ({ from, sequence }: Numbered): number => from ?? sequence

/**
 * Puts the events of one channel in order: drops what was there before, holds back what came too early. A packed event of which the
 * cursor has seen a part cannot be taken apart: it counts as a gap, and is gone once the events behind the cursor have come.
 */
export function createSequencer<Event extends Numbered>(after: number | undefined): Sequencer<Event> {
  /** By their first sequence. */
  const early = new Map<number, Event>()
  let cursor = after
  let duplicates = 0

  function hold(event: Event): void {
    const first = firstOf(event)
    const held = early.get(first)
    if (held) duplicates += 1
    if (!held || held.sequence < event.sequence) early.set(first, event)
  }

  function forget(position: number): void {
    for (const [first, event] of early) if (event.sequence <= position) early.delete(first)
  }

  return {
    get cursor() {
      return cursor
    },
    get hasGap() {
      return early.size > 0
    },
    get duplicates() {
      return duplicates
    },
    seek(position) {
      cursor = position
      forget(position)
    },
    accept(events) {
      if (cursor === undefined) return []
      for (const event of events) {
        if (event.sequence > cursor) hold(event)
        else duplicates += 1
      }
      const ready: Event[] = []
      for (let next = early.get(cursor + 1); next !== undefined; next = early.get(cursor + 1)) {
        early.delete(cursor + 1)
        ready.push(next)
        cursor = next.sequence
      }
      if (ready.length > 0) forget(cursor)
      return ready
    },
  }
}
