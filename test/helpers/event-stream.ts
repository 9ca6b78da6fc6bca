import { onTestFinished } from 'vitest'
import { type StreamEvent, streamEventSchema } from '#shared/protocol/stream-event.ts'
import { collect } from './collect.ts'

export type EventStreamRequest = { path: string; ticket?: string; after?: number | string; lastEventId?: number | string }

/** An answer of the SSE door. */
export type EventStream = {
  status: number
  headers: Headers
  /** The events as they come; every block must be exactly what the protocol says. */
  events(): AsyncGenerator<StreamEvent>
  /** All events until the server ends the stream. */
  all(): Promise<StreamEvent[]>
  /** The body of a refusal. */
  problem(): Promise<Record<string, unknown>>
  cut(): void
}

/** Follows a stream by fetch; it is cut at the end of the test. */
export async function openEventStream(frontDoorUrl: string, request: EventStreamRequest): Promise<EventStream> {
  const url = new URL(request.path, frontDoorUrl)
  if (request.ticket !== undefined) url.searchParams.set('ticket', request.ticket)
  if (request.after !== undefined) url.searchParams.set('after', String(request.after))
  const headers = request.lastEventId === undefined ? {} : { 'last-event-id': String(request.lastEventId) }
  const connection = new AbortController()
  onTestFinished(() => connection.abort())
  const response = await fetch(url, { headers, signal: connection.signal })

  async function* events(): AsyncGenerator<StreamEvent> {
    for await (const block of blocks(response)) if (!/^: .*$/.test(block)) yield eventOf(block)
  }
  return {
    status: response.status,
    headers: response.headers,
    events,
    all: () => collect(events()),
    problem: async () => (await response.json()) as Record<string, unknown>,
    cut: () => connection.abort(),
  }
}

async function* blocks(response: Response): AsyncGenerator<string> {
  let text = ''
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const parts = (text + piece).split('\n\n')
    text = parts.pop() ?? ''
    yield* parts
  }
  if (text !== '') throw new Error(`the stream ended within an event: ${text}`)
}

function eventOf(block: string): StreamEvent {
  const [, id, type, data = ''] = /^id: (\d+)\nevent: (\w+)\ndata: (.+)$/.exec(block) ?? []
  const event = streamEventSchema.parse(JSON.parse(data))
  if (String(event.sequence) !== id || event.type !== type) throw new Error(`the lines of an event disagree: ${block}`)
  return event
}
