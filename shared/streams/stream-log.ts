import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from './channel-ref.ts'

/** Most events that one append may hold; a read looks back this far to find the entry that holds a cursor. */
export const MAX_EVENTS_PER_ENTRY = 16

/** The numbered, durable events of a channel. Reads are consistent. Entries expire after a day. */
export type StreamLog = {
  /**
   * Writes events with consecutive sequences as one entry, on condition that no entry stands at the first one. `taken`: one
   * does, so somebody else wrote, and nothing was changed. For channels with one writer.
   */
  append(ref: ChannelRef, events: StreamEvent[]): Promise<'appended' | 'taken'>
  /**
   * Gives an event the next free number, once for each `id`: a second call with the same id changes nothing. For channels with
   * many writers; no reader can ever see a number before all smaller ones.
   */
  appendNext(ref: ChannelRef, id: string, event: (sequence: number) => StreamEvent): Promise<'appended' | 'known'>
  /** Events with a sequence greater than `after`, in order, about `limit` at the most (whole entries; 1,000 when absent). */
  read(ref: ChannelRef, after: number, limit?: number): Promise<StreamEvent[]>
  /** Sequence of the last event, -1 when there is none. */
  lastSequence(ref: ChannelRef): Promise<number>
}
