import type { ExecutionAccepted } from '#shared/protocol/execution.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { SluiceClientError } from './errors.ts'
import { createEventStreamParser, type ServerSentEvent } from './event-stream-parser.ts'
import type { HttpCall, HttpClient } from './http.ts'

/** What one part of an event stream brought. */
export interface EventBatch {
  events: readonly StreamEvent[]
  /** Text behind the last of the events that is shown until the next one comes. */
  preview: string
  /** First of a direct run. */
  accepted?: ExecutionAccepted
}

/** An event stream; once the signal is aborted it ends. */
export type EventSource = (signal: AbortSignal) => AsyncIterable<EventBatch>

/**
 * Opens an event stream and reads it to its end. The first batch is empty: it says that the answer has begun. The server writes a
 * comment every 15 seconds, so a longer silence means that the connection is dead.
 *
 * @throws SluiceClientError as {@link HttpClient} does, and `network_error` when the stream breaks off
 */
export async function* openEventStream(
  http: HttpClient,
  path: string,
  call: HttpCall & { signal: AbortSignal },
  silenceMs: number,
): AsyncGenerator<EventBatch> {
  const silent = new AbortController()
  const signal = AbortSignal.any([call.signal, silent.signal])
  const { body } = await http.open(path, { ...call, signal })
  const reader = body?.getReader()
  const parse = createEventStreamParser()
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    yield { events: [], preview: '' }
    for (;;) {
      timer = setTimeout(() => silent.abort(), silenceMs)
      const part = await reader?.read()
      clearTimeout(timer)
      if (!part || part.done) return
      const found = parse(part.value)
      if (found.length > 0) yield toBatch(found)
    }
  } catch (cause) {
    call.signal.throwIfAborted()
    throw new SluiceClientError('network_error', 'the event stream broke off', { retryable: true, cause })
  } finally {
    clearTimeout(timer)
    silent.abort()
  }
}

/** A numbered event replaces the previews before it. Events of other kinds are dropped: they are how the protocol grows. */
function toBatch(found: readonly ServerSentEvent[]): EventBatch {
  const events: StreamEvent[] = []
  let preview = ''
  let accepted: ExecutionAccepted | undefined
  for (const { event, data } of found) {
    const content = JSON.parse(data)
    if (event === 'accepted') accepted = content
    else if (event === 'preview') preview += content.text
    else if (typeof content.sequence === 'number') {
      events.push(content)
      preview = ''
    }
  }
  return { events, preview, ...(accepted && { accepted }) }
}
