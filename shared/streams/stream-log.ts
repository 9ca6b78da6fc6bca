import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from './channel-ref.ts'

/** Most events that one append may hold; a read looks back this far to find the entry that holds a cursor. */
export const MAX_EVENTS_PER_ENTRY = 16

/** How long an append looks for a free number among other writers, in milliseconds. */
export const APPEND_PATIENCE_MS = 6_000

/** An event of a channel with many writers, before it has a number. */
export type UnnumberedEvent = { id: string; numbered(sequence: number): StreamEvent }

/** The events with each id once, at its first place. */
export const distinct = (events: UnnumberedEvent[]): UnnumberedEvent[] => [
  ...new Map(events.map((event) => [event.id, event])).values(),
]

/** The numbered, durable events of a channel. Reads are consistent. Entries expire after a day. */
export type StreamLog = {
  /**
   * Writes events with consecutive sequences as one entry, on condition that no entry stands at the first one. `taken`: one
   * does, so somebody else wrote, and nothing was changed. For channels with one writer.
   */
  append(ref: ChannelRef, events: StreamEvent[]): Promise<'appended' | 'taken'>
  /**
   * Gives events the next free numbers, in their order, once for each `id`: what is known by its id already is left out. For channels
   * with many writers; no reader can ever see a number before all smaller ones, and no number is given twice, even when all entries
   * have expired.
   *
   * @param events - at most {@link MAX_EVENTS_PER_ENTRY}
   * @returns how many were new
   * @throws SluiceError `unavailable` when others kept writing for {@link APPEND_PATIENCE_MS}
   */
  appendNext(ref: ChannelRef, events: UnnumberedEvent[]): Promise<number>
  /**
   * Events with a sequence greater than `after`, in order, `limit` at the most (1,000 when absent).
   *
   * @param betweenEntries - `after` is the last event of an entry, as it is behind a read that came to fewer events than `limit`. The
   *   entries before it are not looked at then: a read that finds nothing costs the least that a read can
   */
  read(ref: ChannelRef, after: number, limit?: number, betweenEntries?: boolean): Promise<StreamEvent[]>
  /** Sequence of the last event, -1 when there is none. The last that {@link appendNext} gave, though its entry may have expired. */
  lastSequence(ref: ChannelRef): Promise<number>
}
