import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { executionAcceptedSchema } from '#shared/protocol/execution.ts'
import { GRAPHQL_SUBPROTOCOL, SOCKET_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { ticketSchema } from '#shared/protocol/ticket.ts'
import { type EventStream, openEventStream, type StreamRequest } from './event-stream.ts'
import { equal, must, RuleBroken, shown } from './rule.ts'
import { dial, type FrameSocket, frameSocket, type Handshake, type Offer, type PlainSocket, ticketOffer } from './socket.ts'
import type { Target } from './target.ts'
import { executionEvents } from './whole-stream.ts'

type Call = { body?: unknown; headers?: Record<string, string>; query?: Record<string, string | number>; token?: string | null }
export type Answer = { status: number; contentType: string; body: Record<string, unknown> }

/** An execution that has ended, with its events as HTTP gives them. */
export type Ended = { executionId: string; events: ExecutionEvent[] }

/** What one rule does with the server. Whatever it opens is cut when the rule is through. */
export type Visit = Omit<Target, 'token' | 'deadlineMs'> & {
  token(): Promise<string>
  /** A name that nobody has used. */
  fresh(prefix: string): string
  call(method: string, path: string, call?: Call): Promise<Answer>
  ticket(): Promise<string>
  /** Headers that open a stream. */
  withTicket(): Promise<Record<string, string>>
  handshake(offer: Offer): Promise<Handshake>
  plainSocket(offer: Offer): Promise<PlainSocket>
  /** A socket of frames; with a ticket of its own unless it is offered otherwise. */
  socket(more?: Omit<Offer, 'protocols'>): Promise<FrameSocket>
  /** A socket of GraphQL, acknowledged. */
  graphqlSocket(): Promise<PlainSocket>
  stream(path: string, request: StreamRequest): Promise<EventStream>
  /** Begins an execution over HTTP; gives its id. */
  ask(content?: string): Promise<string>
  /** Events of an execution by the pages of HTTP, until it is complete. */
  eventsOf(executionId: string, after?: number, limit?: number): Promise<ExecutionEvent[]>
  /** One that all rules share. */
  ended(): Promise<Ended>
  /**
   * Waits for so many milliseconds before the next look.
   *
   * @param what - what is looked for
   * @throws RuleBroken when the time of the rule is up
   */
  pauseFor(what: string, milliseconds: number): Promise<void>
}

/** @param ended - finds the execution that all rules share */
export function visitOf(target: Target, signal: AbortSignal, ended: (visit: Visit) => Promise<Ended>): Visit {
  const { baseUrl, agentId, question } = target

  async function call(method: string, path: string, { body, headers, query = {}, token }: Call = {}): Promise<Answer> {
    const url = new URL(path, baseUrl)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
    const bearer = token === undefined ? await target.token() : token
    const response = await fetch(url, {
      method,
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal,
    })
    const json: unknown = await response.json().catch(() => ({}))
    const answer = typeof json === 'object' && json !== null ? { ...json } : {}
    return { status: response.status, contentType: response.headers.get('content-type') ?? '', body: answer }
  }

  async function ticket(): Promise<string> {
    const { status, body } = await call('POST', '/v1/tickets')
    equal(status, 201, 'the status of POST /v1/tickets')
    return ticketSchema.parse(body).ticket
  }

  async function plainSocket(offer: Offer): Promise<PlainSocket> {
    const { socket, status } = await dial(baseUrl, offer, signal)
    must(socket !== undefined, `the handshake is answered with ${status}`)
    return socket
  }

  const visit: Visit = {
    ...target,
    fresh: (prefix) => `${prefix}-${randomUUID()}`,
    call,
    ticket,
    withTicket: async () => ({ 'x-sluice-ticket': await ticket() }),
    handshake: (offer) => dial(baseUrl, offer, signal),
    plainSocket,
    socket: async (more) => frameSocket(await plainSocket({ ...ticketOffer(await ticket(), SOCKET_SUBPROTOCOL), ...more })),
    async graphqlSocket() {
      const socket = await plainSocket(ticketOffer(await ticket(), GRAPHQL_SUBPROTOCOL))
      socket.send({ type: 'connection_init' })
      await socket.received.until('connection_ack', (items) => items.find((item) => Object(item).type === 'connection_ack'))
      return socket
    },
    stream: (path, request) => openEventStream(baseUrl, path, request, signal),
    async ask(content = question) {
      const { status, body } = await call('POST', '/v1/executions', { body: { agentId, input: { content } } })
      must(status === 202, `POST /v1/executions is answered with ${status} ${shown(body)}`)
      return executionAcceptedSchema.parse(body).executionId
    },
    async eventsOf(executionId, after = -1, limit = 1_000) {
      const events: unknown[] = []
      for (let cursor = after, complete = false; !complete; ) {
        const { status, body } = await call('GET', `/v1/executions/${executionId}/events`, { query: { after: cursor, limit } })
        must(status === 200 && Array.isArray(body.events), `the events are answered with ${status} ${shown(body)}`)
        events.push(...body.events)
        cursor = Number(body.next)
        complete = body.complete === true
        must(complete || body.events.length > 0, 'a page in the middle of an ended stream is empty')
      }
      return executionEvents(events)
    },
    ended: () => ended(visit),
    async pauseFor(what, milliseconds) {
      await sleep(milliseconds, undefined, { signal }).catch(() => {
        throw new RuleBroken(`${what} did not come in time`)
      })
    },
  }
  return visit
}
