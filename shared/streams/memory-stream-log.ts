import { isDeepStrictEqual } from 'node:util'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from './channel-ref.ts'
import { LOG_TTL_SECONDS } from './stream-keys.ts'
import { distinct, type StreamLog } from './stream-log.ts'

/** A log in memory. `has` is what a transaction of another memory store looks at. */
export type MemoryStreamLog = StreamLog & { has(ref: ChannelRef, sequence: number): boolean }

type Entry = { events: StreamEvent[]; expiresAt: number }

export function memoryStreamLog(clock: Clock = systemClock, retentionSeconds: number = LOG_TTL_SECONDS): MemoryStreamLog {
  const channels = new Map<string, Map<number, Entry>>()
  /** Last numbers of channels with many writers. */
  const numbers = new Map<string, number>()
  const appended = new Set<string>()
  const name = ({ tenant, channel }: ChannelRef): string => JSON.stringify([tenant, channel])
  const entriesOf = (ref: ChannelRef): Map<number, Entry> => {
    const found = channels.get(name(ref)) ?? new Map<number, Entry>()
    channels.set(name(ref), found)
    for (const [first, { expiresAt }] of found) if (expiresAt <= clock.now()) found.delete(first)
    return found
  }
  const eventsOf = (ref: ChannelRef): StreamEvent[] =>
    [...entriesOf(ref)].sort(([a], [b]) => a - b).flatMap(([, { events }]) => events)
  const last = (ref: ChannelRef): number => numbers.get(name(ref)) ?? eventsOf(ref).at(-1)?.sequence ?? -1
  const put = (ref: ChannelRef, events: StreamEvent[], keptSeconds = LOG_TTL_SECONDS): 'appended' | 'taken' => {
    const first = events[0]?.sequence ?? 0
    const standing = entriesOf(ref).get(first)
    if (standing) return isDeepStrictEqual(standing.events, events) ? 'appended' : 'taken'
    entriesOf(ref).set(first, { events: structuredClone(events), expiresAt: clock.now() + keptSeconds * 1_000 })
    return 'appended'
  }

  return {
    async append(ref, events) {
      return put(ref, events)
    },
    async appendNext(ref, events) {
      const fresh = distinct(events).filter(({ id }) => !appended.has(JSON.stringify([name(ref), id])))
      if (fresh.length === 0) return 0
      for (const { id } of fresh) appended.add(JSON.stringify([name(ref), id]))
      const before = last(ref)
      put(
        ref,
        fresh.map((event, index) => event.numbered(before + 1 + index)),
        retentionSeconds,
      )
      numbers.set(name(ref), before + fresh.length)
      return fresh.length
    },
    async read(ref, after, limit = 1_000) {
      return eventsOf(ref)
        .filter((event) => event.sequence > after)
        .slice(0, limit)
    },
    async lastSequence(ref) {
      return last(ref)
    },
    has: (ref, sequence) => entriesOf(ref).has(sequence),
  }
}
