import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import { ERROR_STATUS } from '#shared/protocol/error-codes.ts'
import { SOCKET_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import { type ClientFrame, clientFrameSchema, type ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { createInbox } from './inbox.ts'

type FrameOf<Type extends ClientFrame['message_type']> = Extract<ClientFrame, { message_type: Type }>

/** One socket as the server sees it, played by the test. */
export interface ScriptedConnection {
  readonly protocols: string[]
  readonly closed: Promise<void>
  /** The next frame of the client; fails when it is of another type. */
  take<Type extends ClientFrame['message_type']>(type: Type): Promise<FrameOf<Type>>
  send(frame: ServerFrame): void
  /** Takes a `subscribe` and confirms it; gives its cursor. */
  confirm(subscription: string): Promise<number | undefined>
  events(subscription: string, events: readonly StreamEvent[]): void
  /** Drops the connection without a closing handshake. */
  cut(): void
}

/** One `text/event-stream` as the server sees it, played by the test. */
export interface ScriptedStream {
  readonly request: HttpRequest
  readonly closed: Promise<void>
  /** Bytes as they are, for what the others do not write. */
  write(bytes: string | Uint8Array): void
  /** One write, as a server flushes it. */
  events(events: readonly StreamEvent[]): void
  notice(name: 'accepted' | 'preview', data: unknown): void
  /** Ends the answer in order. */
  end(): void
  /** Drops the connection. */
  cut(): void
}

export interface HttpRequest {
  method: string
  /** With the query. */
  path: string
  headers: IncomingMessage['headers']
  body: unknown
}

export interface ScriptedFrontDoor {
  readonly url: string
  /** Requests but those for tickets, as they came. */
  readonly requests: HttpRequest[]
  /** Answers one route, `GET /v1/agents` for instance, the query left out; `POST /v1/tickets` is there from the start. */
  on(route: string, answer: (request: HttpRequest) => { status?: number; body?: unknown }): void
  connection(): Promise<ScriptedConnection>
  /** Answers `/streams/*` from now on; before, there is no such route. */
  allowStreams(): void
  stream(): Promise<ScriptedStream>
  /** Answers handshakes with the next tickets with 401. */
  refuse(tickets: number): void
  stop(): Promise<void>
}

export const problem = (code: ErrorCode, detail: string) => ({
  status: ERROR_STATUS[code],
  body: { type: 'about:blank', title: code, status: ERROR_STATUS[code], code, detail },
})

/** A front door on a real port whose every frame the test sends by hand. */
export async function startScriptedFrontDoor(): Promise<ScriptedFrontDoor> {
  const routes = new Map<string, (request: HttpRequest) => { status?: number; body?: unknown }>()
  const requests: HttpRequest[] = []
  const connections = createInbox<ScriptedConnection>()
  const streams = createInbox<ScriptedStream>()
  let hasStreams = false
  let tickets = 0
  let refusedUpTo = 0

  const server = createServer(async (request, response) => {
    const chunks = await request.toArray()
    const text = Buffer.concat(chunks).toString()
    const { method = 'GET', url: path = '/', headers } = request
    const call = { method, path, headers, body: text === '' ? undefined : JSON.parse(text) }
    const route = `${method} ${path.split('?')[0]}`
    if (route !== 'POST /v1/tickets') requests.push(call)
    if (hasStreams && path.startsWith('/streams/')) {
      streams.put(scriptStream(response, call))
      return
    }
    const answer = routes.get(route)?.(call) ?? problem('not_found', 'no such route')
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body) ?? '')
  })
  const sockets = new WebSocketServer({
    server,
    path: '/socket',
    handleProtocols: () => SOCKET_SUBPROTOCOL,
    verifyClient: ({ req }, done) => done(ticketNumber(req) > refusedUpTo, 401),
  })
  sockets.on('connection', (socket, request) => {
    connections.put(script(socket, protocolsOf(request)))
  })
  routes.set('POST /v1/tickets', () => ({
    status: 201,
    body: { ticket: `t${++tickets}`, expiresAt: '2026-11-21T09:31:00.000Z' },
  }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    on: (route, answer) => void routes.set(route, answer),
    connection: connections.take,
    allowStreams() {
      hasStreams = true
    },
    stream: streams.take,
    refuse(count) {
      refusedUpTo = tickets + count
    },
    async stop() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function scriptStream(response: ServerResponse, request: HttpRequest): ScriptedStream {
  const closed = Promise.withResolvers<void>()
  response.on('close', () => closed.resolve())
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 1000\n\n')
  const block = (event: StreamEvent): string => `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`

  return {
    request,
    closed: closed.promise,
    write: (bytes) => void response.write(bytes),
    events: (events) => void response.write(events.map(block).join('')),
    notice: (name, data) => void response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`),
    end: () => void response.end(),
    cut: () => void response.destroy(),
  }
}

function protocolsOf(request: IncomingMessage): string[] {
  return request.headers['sec-websocket-protocol']?.split(/, */) ?? []
}

function ticketNumber(request: IncomingMessage): number {
  return Number(protocolsOf(request).at(-1)?.replace('ticket.t', ''))
}

function script(socket: WebSocket, protocols: string[]): ScriptedConnection {
  const frames = createInbox<ClientFrame>()
  const closed = Promise.withResolvers<void>()
  socket.on('message', (data) => frames.put(clientFrameSchema.parse(JSON.parse(data.toString()))))
  socket.on('close', () => closed.resolve())

  async function take<Type extends ClientFrame['message_type']>(type: Type): Promise<FrameOf<Type>> {
    const frame = await frames.take()
    if (!isType(frame, type)) throw new Error(`expected ${type}, got ${JSON.stringify(frame)}`)
    return frame
  }
  function send(frame: ServerFrame): void {
    socket.send(JSON.stringify(frame))
  }
  const channels = new Map<string, string>()

  return {
    protocols,
    closed: closed.promise,
    take,
    send,
    async confirm(subscription) {
      const { id, payload } = await take('subscribe')
      const channel = payload.channel ?? `topic:${payload.topic}`
      channels.set(subscription, channel)
      const after = payload.after ?? -1
      send({ message_type: 'subscription_confirmed', response_to: id, payload: { channel, subscription, after } })
      return payload.after
    },
    events(subscription, events) {
      const channel = channels.get(subscription)
      if (channel === undefined) throw new Error(`${subscription} was never confirmed`)
      send({ message_type: 'realtime_event', payload: { channel, subscription, events: [...events] } })
    },
    cut: () => socket.terminate(),
  }
}

function isType<Type extends ClientFrame['message_type']>(frame: ClientFrame, type: Type): frame is FrameOf<Type> {
  return frame.message_type === type
}
