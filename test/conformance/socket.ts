import type { IncomingMessage } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import { WebSocket } from 'ws'
import { MAX_FRAME_BYTES, SOCKET_SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '#shared/protocol/limits.ts'
import { type ServerFrame, serverFrameSchema } from '#shared/protocol/socket-frame.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { must, RuleBroken, shown } from './rule.ts'
import { type Arrivals, arrivals } from './waiting.ts'

type FrameOf<Type extends ServerFrame['message_type']> = Extract<ServerFrame, { message_type: Type }>

/** How a client introduces itself. */
export type Offer = { protocols?: string[]; query?: Record<string, string>; headers?: Record<string, string>; path?: string }

/** Subprotocols as a browser offers them. */
export const ticketOffer = (ticket: string, subprotocol = SOCKET_SUBPROTOCOL): Offer => ({
  protocols: [subprotocol, `${TICKET_SUBPROTOCOL_PREFIX}${ticket}`],
})

/** A socket that knows nothing of frames: texts in, JSON out. */
export type PlainSocket = {
  /** The subprotocol that the server chose. */
  readonly protocol: string
  readonly received: Arrivals<unknown>
  /** A text goes as it is, anything else as JSON. */
  send(frame: unknown): void
  /** Code of the close, when it comes. */
  closed(): Promise<number>
  /** Ends the connection without a closing handshake. */
  cut(): void
}

/** Either an open socket, or the status with which the handshake was refused. */
export type Handshake = { socket: PlainSocket; status: 101 } | { socket: undefined; status: number }

/** Every text must be JSON and fit a frame. */
export async function dial(baseUrl: string, offer: Offer, signal: AbortSignal): Promise<Handshake> {
  const { protocols = [], query = {}, headers = {}, path = '/socket' } = offer
  const url = new URL(path, baseUrl.replace(/^http/, 'ws'))
  url.search = new URLSearchParams(query).toString()
  const socket = new WebSocket(url, protocols, { headers })
  const received = arrivals<unknown>(signal)
  const closes = arrivals<number>(signal)
  const handshake = arrivals<number>(signal)
  signal.addEventListener('abort', () => socket.terminate())
  socket.on('open', () => handshake.add(101))
  socket.on('unexpected-response', (_request, response: IncomingMessage) => handshake.add(response.statusCode ?? 0))
  socket.on('error', (error) => handshake.end(error.message))
  socket.on('message', (data) => {
    const text = String(data)
    const bytes = Buffer.byteLength(text)
    if (bytes > MAX_FRAME_BYTES) received.end(`a frame of ${bytes} bytes came`)
    received.add(parsed(text))
  })
  socket.on('close', (code) => {
    closes.add(code)
    received.end(`the server closed the connection with ${code}`)
  })
  const status = await handshake.until('the answer to the handshake', ([status]) => status)
  if (status !== 101) return { socket: undefined, status }
  return {
    status,
    socket: {
      protocol: socket.protocol,
      received,
      send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
      closed: () => closes.until('the close', ([code]) => code),
      cut: () => socket.terminate(),
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A frame whose answer is waited for. */
export type NamedFrame = { message_type: string; id: string; payload?: unknown }

/** A socket that speaks the frames of `docs/protocol.md`. */
export type FrameSocket = Omit<PlainSocket, 'received'> & {
  /** Every frame so far but broadcasts, which anybody may cause at any time. */
  frames(): ServerFrame[]
  /** Whether this has been broadcast. */
  heard(data: unknown): boolean
  /** Waits until this has been broadcast. */
  untilBroadcast(data: unknown): Promise<void>
  until<Found>(what: string, find: (frames: readonly ServerFrame[]) => Found | undefined): Promise<Found>
  /** The first frame of a type that answers the frame with this id. */
  answer<Type extends ServerFrame['message_type']>(type: Type, id?: string): Promise<FrameOf<Type>>
  /** Sends a frame and waits for its answer; an `error` instead of it breaks the rule. */
  ask<Type extends ServerFrame['message_type']>(frame: NamedFrame, type: Type): Promise<FrameOf<Type>['payload']>
  eventsOf(subscription: string): StreamEvent[]
  /** Waits until so many events, or the terminal one, have come; gives all so far. */
  untilEvents(subscription: string, count: number): Promise<StreamEvent[]>
}

export function frameSocket({ received, ...socket }: PlainSocket): FrameSocket {
  const frames = (items: readonly unknown[] = received.items): ServerFrame[] =>
    items.map(frameOf).filter(({ message_type }) => message_type !== 'broadcast')
  const eventsIn = (items: readonly unknown[], subscription: string): StreamEvent[] =>
    frames(items).flatMap((frame) =>
      frame.message_type === 'realtime_event' && frame.payload.subscription === subscription ? frame.payload.events : [],
    )
  function answer<Type extends ServerFrame['message_type']>(type: Type, id?: string): Promise<FrameOf<Type>> {
    const isIt = (frame: ServerFrame): frame is FrameOf<Type> =>
      frame.message_type === type && (id === undefined || ('response_to' in frame && frame.response_to === id))
    return received.until(`${type}${id === undefined ? '' : ` with response_to "${id}"`}`, (items) => {
      const error = frames(items).find(
        (frame) => id !== undefined && frame.message_type === 'error' && frame.response_to === id && type !== 'error',
      )
      must(error === undefined, `the answer to "${id}" is ${shown(error)} instead of ${type}`)
      return frames(items).find(isIt)
    })
  }
  return {
    ...socket,
    frames,
    heard: (data) => received.items.some((item) => isBroadcast(frameOf(item), data)),
    async untilBroadcast(data) {
      await received.until('the broadcast', (items) => items.find((item) => isBroadcast(frameOf(item), data)))
    },
    until: (what, find) => received.until(what, (items) => find(frames(items))),
    answer,
    async ask<Type extends ServerFrame['message_type']>(frame: NamedFrame, type: Type) {
      socket.send(frame)
      return (await answer(type, frame.id)).payload as FrameOf<Type>['payload']
    },
    eventsOf: (subscription) => eventsIn(received.items, subscription),
    untilEvents: (subscription, count) =>
      received.until(`event ${count} of the subscription`, (items) => {
        const events = eventsIn(items, subscription)
        return events.length >= count || events.some(isTerminalEvent) ? events : undefined
      }),
  }
}

const isBroadcast = (frame: ServerFrame, data: unknown): boolean =>
  frame.message_type === 'broadcast' && isDeepStrictEqual(frame.payload.data, data)

function frameOf(value: unknown): ServerFrame {
  const { success, data, error } = serverFrameSchema.safeParse(value)
  if (!success) throw new RuleBroken(`${shown(value)} is not a frame of the server: ${error.issues[0]?.message}`)
  return data
}
