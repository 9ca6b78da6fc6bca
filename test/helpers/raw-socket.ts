import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { SOCKET_SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '#shared/protocol/limits.ts'
import { type ServerFrame, serverFrameSchema } from '#shared/protocol/socket-frame.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { createInbox } from './inbox.ts'

type FrameOf<Type extends ServerFrame['message_type']> = Extract<ServerFrame, { message_type: Type }>

export type Offer = {
  protocols?: string[]
  query?: Record<string, string>
  headers?: Record<string, string>
  /** @default /socket */
  path?: string
}

/** Subprotocols as a browser offers them. */
export const ticketOffer = (ticket: string): Offer => ({
  protocols: [SOCKET_SUBPROTOCOL, `${TICKET_SUBPROTOCOL_PREFIX}${ticket}`],
})

/** A WebSocket without anything that a client library adds: what the server sends is what a test sees. */
export type RawSocket = {
  /** The subprotocol that the server chose. */
  protocol: string
  /** Every frame so far. */
  frames: readonly ServerFrame[]
  /** A text goes as it is, anything else as JSON. */
  send(frame: unknown): void
  /** Waits for the next frame of a type; others that come before it are passed over. */
  next<Type extends ServerFrame['message_type']>(type: Type): Promise<FrameOf<Type>>
  /** Events of a subscription so far, in the order in which they came. */
  eventsOf(subscription: string): StreamEvent[]
  /** Waits until an event of the subscription answers the question. */
  untilEvent(subscription: string, isIt: (event: StreamEvent) => boolean): Promise<void>
  /** Ends the connection without a closing handshake, as a lost network does. */
  cut(): void
  /** Resolves when the connection has ended, whoever ended it. */
  closed: Promise<void>
}

/** Opens a socket at the front door; it is cut at the end of the test. */
export async function openSocket(frontDoorUrl: string, offer: Offer): Promise<RawSocket> {
  const socket = dial(frontDoorUrl, offer)
  const frames: ServerFrame[] = []
  const inbox = createInbox<ServerFrame>()
  socket.on('message', (data) => {
    const frame = serverFrameSchema.parse(JSON.parse(String(data)))
    frames.push(frame)
    inbox.put(frame)
  })
  const closed = Promise.withResolvers<void>()
  socket.once('close', () => closed.resolve())
  await once(socket, 'open')
  onTestFinished(() => socket.terminate())

  async function next<Type extends ServerFrame['message_type']>(type: Type): Promise<FrameOf<Type>> {
    for (;;) {
      const frame = await inbox.take()
      if (isOf(frame, type)) return frame
    }
  }
  const eventsOf = (subscription: string): StreamEvent[] =>
    frames.flatMap((frame) =>
      frame.message_type === 'realtime_event' && frame.payload.subscription === subscription ? frame.payload.events : [],
    )
  return {
    protocol: socket.protocol,
    frames,
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    next,
    eventsOf,
    async untilEvent(subscription, isIt) {
      while (!eventsOf(subscription).some(isIt)) await next('realtime_event')
    },
    cut: () => socket.terminate(),
    closed: closed.promise,
  }
}

/** Opens a socket as a client does that knows nothing of our frames; gives its messages, parsed, as they come. */
export async function openPlainSocket(frontDoorUrl: string, offer: Offer): Promise<{ next(): Promise<unknown> }> {
  const socket = dial(frontDoorUrl, offer)
  const inbox = createInbox<unknown>()
  socket.on('message', (data) => inbox.put(JSON.parse(String(data))))
  await once(socket, 'open')
  onTestFinished(() => socket.terminate())
  return { next: () => inbox.take() }
}

/** Status with which the handshake is refused. */
export async function refusedWith(frontDoorUrl: string, offer: Offer): Promise<number | undefined> {
  const socket = dial(frontDoorUrl, offer)
  onTestFinished(() => socket.terminate())
  const [, response] = (await Promise.race([
    once(socket, 'unexpected-response'),
    once(socket, 'open').then(() => [undefined, { statusCode: 101 }]),
  ])) as [unknown, Pick<IncomingMessage, 'statusCode'>]
  return response.statusCode
}

function dial(frontDoorUrl: string, { protocols = [], query = {}, headers = {}, path = '/socket' }: Offer): WebSocket {
  const url = new URL(path, frontDoorUrl.replace(/^http/, 'ws'))
  url.search = new URLSearchParams(query).toString()
  const options: ClientOptions = { headers }
  return new WebSocket(url, protocols, options)
}

const isOf = <Type extends ServerFrame['message_type']>(frame: ServerFrame, type: Type): frame is FrameOf<Type> =>
  frame.message_type === type
