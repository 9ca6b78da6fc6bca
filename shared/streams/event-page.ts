import type { EventPage } from '#shared/protocol/execution.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'

/** Largest page, in bytes: a function answers with 6 MB at the most. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024

/**
 * A page of a stream.
 *
 * @param events - the events after the cursor `after`, in order
 * @param ended - whether the stream had ended before `events` were read; then an empty page is the last
 */
export function toEventPage(events: readonly StreamEvent[], after: number, ended: boolean, maxBytes = MAX_PAGE_BYTES): EventPage {
  const fitting = fit(events, maxBytes)
  const last = fitting.at(-1)
  if (!last) return { events: [], next: after, complete: ended }
  return { events: fitting, next: last.sequence, complete: isTerminalEvent(last) }
}

/** As many events as fit, and the first one in any case. */
function fit(events: readonly StreamEvent[], maxBytes: number): StreamEvent[] {
  let bytes = 0
  const end = events.findIndex((event, index) => {
    bytes += Buffer.byteLength(JSON.stringify(event)) + 1
    return bytes > maxBytes && index > 0
  })
  return end === -1 ? [...events] : events.slice(0, end)
}
