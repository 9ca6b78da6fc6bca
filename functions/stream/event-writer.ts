import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { StreamOutcome } from '#shared/protocol/flat-event.ts'
import { matchesPattern } from '#shared/protocol/lifecycle-event.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { packEvents } from '#shared/streams/pack-events.ts'
import {
  cursorOnly,
  flatServerSentEvent,
  HEARTBEAT,
  HEARTBEAT_MS,
  notice,
  OPENING,
  serverSentEvent,
} from './server-sent-event.ts'
import type { EventView } from './stream-request.ts'

export type EventWriterOptions = {
  view: EventView
  /** Cursor of the caller. */
  after: number
  /** Ends every wait for a caller that is slow. */
  signal: AbortSignal
  /** What an execution that has completed came to; asked for by the flat view. */
  outcome(): Promise<StreamOutcome | undefined>
}

/** Writes the events of one stream to one caller, no faster than it reads, and a comment in every long silence. */
export type EventWriter = {
  /** The first bytes. */
  open(): void
  accepted(execution: unknown): void
  /** @param preview - text behind the events that stands in none yet */
  write(events: StreamEvent[], preview?: string): Promise<void>
  /** The last words to a caller that is to come back. */
  reconnect(): void
  /** The same, whatever broke: what it missed stands in the log. */
  breakOff(): void
  /** Sequence of the last event that the caller has, or did not want. */
  cursor(): number
  close(): void
}

export function eventWriter(body: Writable, { view, after, signal, outcome }: EventWriterOptions): EventWriter {
  let cursor = after
  const silence = setInterval(() => {
    // A caller that does not read is not helped by more to read.
    if (body.writable && !body.writableNeedDrain) body.write(HEARTBEAT)
  }, HEARTBEAT_MS)

  const block = async (event: StreamEvent): Promise<string> => {
    if (!view.flat) return serverSentEvent(event)
    return flatServerSentEvent(event, event.type === 'completed' ? await outcome() : undefined)
  }

  async function encode(events: StreamEvent[]): Promise<string> {
    const wanted = events.filter((event) => isWanted(event, view))
    const blocks = await Promise.all((view.packed ? packEvents(wanted) : wanted).map(block))
    const last = events.at(-1)
    // Whoever comes back need not look at the others again.
    if (last && last !== wanted.at(-1)) blocks.push(cursorOnly(last.sequence))
    return blocks.join('')
  }

  function reconnect(): void {
    if (body.writable) body.write(notice('reconnect', { after: cursor }))
  }

  return {
    open: () => void body.write(OPENING),
    accepted: (execution) => void body.write(notice('accepted', execution)),
    async write(events, preview = '') {
      const blocks = (await encode(events)) + (preview === '' ? '' : notice('preview', { text: preview }))
      cursor = events.at(-1)?.sequence ?? cursor
      if (blocks === '' || !body.writable) return
      silence.refresh()
      if (!body.write(blocks)) await once(body, 'drain', { signal }).catch(() => undefined)
    },
    reconnect,
    breakOff: reconnect,
    cursor: () => cursor,
    close() {
      clearInterval(silence)
      if (!body.writableEnded) body.end()
    },
  }
}

const isWanted = (event: StreamEvent, { type }: EventView): boolean =>
  type === undefined || event.type !== 'lifecycle' || matchesPattern(event.data.type, type)
