import { flatEvent, type StreamOutcome } from '#shared/protocol/flat-event.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'

/** How long an `EventSource` waits before it comes back, in milliseconds. */
const RETRY_MS = 1_000

/** Sends the head on its way, and tells clients when to come back. */
export const OPENING = `retry: ${RETRY_MS}\n\n`

/** Longest silence on a connection, in milliseconds. */
export const HEARTBEAT_MS = 15_000

/** A comment, which clients drop: it keeps proxies from closing a silent connection. */
export const HEARTBEAT = ': keep-alive\n\n'

/** Moves the cursor of a client on to an event that it does not get: a block without data is no event. */
export const cursorOnly = (sequence: number): string => `id: ${sequence}\n\n`

/**
 * An event as Server-Sent Events write it. JSON has no line breaks, so one `data` line is enough.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export const serverSentEvent = (event: StreamEvent): string =>
  `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`

/** An event without a name, flat: what `onmessage` of an `EventSource` gets. */
export const flatServerSentEvent = (event: StreamEvent, outcome?: StreamOutcome): string =>
  `id: ${event.sequence}\ndata: ${JSON.stringify(flatEvent(event, outcome))}\n\n`

/** An event of the connection alone: it has no place in the stream, and so no id. */
export const notice = (name: 'accepted' | 'preview' | 'reconnect', data: unknown): string =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
