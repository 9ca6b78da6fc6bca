import type { StreamEvent } from '#shared/protocol/stream-event.ts'

/** A comment, which clients drop: it sends the head on its way, and keeps proxies from closing a silent connection. */
export const HEARTBEAT = ': keep-alive\n\n'

/**
 * An event as Server-Sent Events write it. JSON has no line breaks, so one `data` line is enough.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function serverSentEvent(event: StreamEvent): string {
  return `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
