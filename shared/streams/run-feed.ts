import { unlessAborted } from '#shared/platform/unless-aborted.ts'
import type { ExecutionEvent, StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { StreamLog } from './stream-log.ts'
import type { StreamTap } from './stream-writer.ts'

/** Events that are kept for a reader that is behind; one that is further behind is served from the log. */
const RECENT_EVENTS = 64

/** What a reader gets next: events that stand in the log, and then the text behind them that does not yet. */
export type FeedBatch = {
  events: StreamEvent[]
  /** Comes behind the previews since the last event; an event replaces them all. */
  preview: string
}

/**
 * Shows the stream of a run to one reader in the same process: text as it comes, events once the log has them. The reader may be as slow
 * as it likes: the run never waits for it, and what is kept for it is bounded by the events of a few seconds and the text of one window.
 */
export type RunFeed = {
  tap: StreamTap
  /** The run is over, though its stream may go on elsewhere. */
  close(): void
  /** Everything from the stream's start. Ends after the terminal event, when the feed was closed and all was given, and without an error when the signal aborts or the log does not show an event any more. */
  batches(signal: AbortSignal): AsyncGenerator<FeedBatch, void, undefined>
}

export function runFeed(log: Pick<StreamLog, 'read'>, ref: ChannelRef): RunFeed {
  let recent: ExecutionEvent[] = []
  let last = -1
  /** Text that stands behind `last`. */
  let ahead = ''
  let closed = false
  let news = Promise.withResolvers<void>()

  const tell = (): void => {
    news.resolve()
    news = Promise.withResolvers()
  }

  async function eventsAfter(cursor: number): Promise<StreamEvent[]> {
    const [oldest] = recent
    if (oldest && oldest.sequence <= cursor + 1) return recent.filter((event) => event.sequence > cursor)
    return (await log.read(ref, cursor)).filter((event) => event.sequence <= last)
  }

  return {
    tap: {
      gathered(text) {
        ahead += text
        tell()
      },
      appended(events) {
        recent = [...recent, ...events].slice(-RECENT_EVENTS)
        last = recent.at(-1)?.sequence ?? last
        ahead = ahead.slice(textLength(events))
        tell()
      },
    },

    close() {
      closed = true
      tell()
    },

    async *batches(signal) {
      let cursor = -1
      let shown = 0
      while (!signal.aborted) {
        const more = news.promise
        const events = cursor < last ? await eventsAfter(cursor) : []
        const end = events.at(-1)
        if (end) [cursor, shown] = [end.sequence, 0]
        else if (cursor < last) return
        // What is ahead of an event that the reader does not have yet would not fit what it has.
        const preview = cursor === last ? ahead.slice(shown) : ''
        shown += preview.length
        if (end || preview !== '') yield { events, preview }
        if (end && isTerminalEvent(end)) return
        if (cursor < last || shown < ahead.length) continue
        if (closed) return
        await unlessAborted(more, signal).catch(() => undefined)
      }
    },
  }
}

const textLength = (events: readonly ExecutionEvent[]): number =>
  events.reduce((sum, event) => sum + (event.type === 'content_chunk' ? event.data.text.length : 0), 0)
