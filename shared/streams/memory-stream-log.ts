import { isDeepStrictEqual } from 'node:util'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { StreamLog } from './stream-log.ts'

/** A log in memory. `has` is what a transaction of another memory store looks at. */
export type MemoryStreamLog = StreamLog & { has(ref: ChannelRef, sequence: number): boolean }

export function memoryStreamLog(): MemoryStreamLog {
  const entries = new Map<string, Map<number, StreamEvent[]>>()
  const appended = new Set<string>()
  const name = ({ tenant, channel }: ChannelRef): string => JSON.stringify([tenant, channel])
  const entriesOf = (ref: ChannelRef): Map<number, StreamEvent[]> => {
    const found = entries.get(name(ref)) ?? new Map<number, StreamEvent[]>()
    entries.set(name(ref), found)
    return found
  }
  const eventsOf = (ref: ChannelRef): StreamEvent[] =>
    [...entriesOf(ref)].sort(([a], [b]) => a - b).flatMap(([, events]) => events)
  const put = (ref: ChannelRef, events: StreamEvent[]): 'appended' | 'taken' => {
    const first = events[0]?.sequence ?? 0
    const standing = entriesOf(ref).get(first)
    if (standing) return isDeepStrictEqual(standing, events) ? 'appended' : 'taken'
    entriesOf(ref).set(first, structuredClone(events))
    return 'appended'
  }

  return {
    async append(ref, events) {
      return put(ref, events)
    },
    async appendNext(ref, events) {
      const fresh = events.filter(({ id }) => !appended.has(JSON.stringify([name(ref), id])))
      for (const { id } of fresh) appended.add(JSON.stringify([name(ref), id]))
      const first = eventsOf(ref).length
      if (fresh.length > 0)
        put(
          ref,
          fresh.map((event, index) => event.numbered(first + index)),
        )
      return fresh.length
    },
    async read(ref, after, limit = 1_000) {
      return eventsOf(ref)
        .filter((event) => event.sequence > after)
        .slice(0, limit)
    },
    async lastSequence(ref) {
      return eventsOf(ref).at(-1)?.sequence ?? -1
    },
    has: (ref, sequence) => entriesOf(ref).has(sequence),
  }
}
