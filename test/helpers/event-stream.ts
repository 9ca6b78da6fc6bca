import { onTestFinished } from 'vitest'
import { type StreamEvent, streamEventSchema } from '#shared/protocol/stream-event.ts'
import { collect } from './collect.ts'

export type EventStreamRequest = {
  path: string
  ticket?: string
  after?: number | string
  lastEventId?: number | string
  query?: Record<string, string>
  headers?: Record<string, string>
  /** Makes it a POST. */
  body?: unknown
}

/** An event of the connection, which has no place in the stream. */
export type Notice = { name: string; data: unknown }

/** An answer of the SSE door. */
export type EventStream = {
  status: number
  headers: Headers
  /** The events as they come; every block must be exactly what the protocol says. */
  events(): AsyncGenerator<StreamEvent>
  /** What came between the events so far, and the data of events without a name. */
  notices: Notice[]
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
  for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value)
  const lastEventId = request.lastEventId === undefined ? {} : { 'last-event-id': String(request.lastEventId) }
  const connection = new AbortController()
  onTestFinished(() => connection.abort())
  const response = await fetch(url, {
    headers: { ...lastEventId, ...request.headers },
    signal: connection.signal,
    ...(request.body !== undefined && { method: 'POST', body: JSON.stringify(request.body) }),
  })
  const notices: Notice[] = []

  async function* events(): AsyncGenerator<StreamEvent> {
    for await (const block of blocks(response)) {
      if (/^(: .*|retry: \d+)$/.test(block)) continue
      const notice = noticeOf(block)
      if (notice) notices.push(notice)
      else yield eventOf(block)
    }
  }
  return {
    status: response.status,
    headers: response.headers,
    events,
    notices,
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

function noticeOf(block: string): Notice | undefined {
  const [, name, data = ''] = /^event: (accepted|preview|reconnect)\ndata: (.+)$/.exec(block) ?? []
  if (name !== undefined) return { name, data: JSON.parse(data) }
  const [, unnamed] = /^id: \d+\ndata: (.+)$/.exec(block) ?? []
  return unnamed === undefined ? undefined : { name: 'message', data: JSON.parse(unnamed) }
}

function eventOf(block: string): StreamEvent {
  const [, id, type, data = ''] = /^id: (\d+)\nevent: (\w+)\ndata: (.+)$/.exec(block) ?? []
  const event = streamEventSchema.parse(JSON.parse(data))
  if (String(event.sequence) !== id || event.type !== type) throw new Error(`the lines of an event disagree: ${block}`)
  return event
}
