import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { sleep } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import type { ConnectionPoster, PostResult } from '#shared/streams/connection-poster.ts'
import type { ConnectEvent } from '../../../functions/socket/connect.ts'
import type { Chaos } from './faults.ts'
import type { How, Way } from './losses.ts'
import type { Network } from './network.ts'
import { SimulatedSocket } from './simulated-socket.ts'

/** The function behind the WebSocket API, once for each event. */
export type SocketFunction = (event: ConnectEvent, context: Context) => Promise<APIGatewayProxyStructuredResultV2>

export type GatewayOptions = {
  chaos: Chaos
  networkOf(host: string): Network
  invoke: SocketFunction
  /** Told when a connection is lost, or begins to lose what is sent over it. */
  onLoss(way: Way, how: How): void
  /** Told when a connection is open; or what stands in for one, and since when. */
  onOpen(way: Way, since?: number): void
  /** Sees every frame that the API took. */
  onFrame(frame: string): void
}

/** The WebSocket API: handshakes and frames become events of a function, and posts become frames. */
export type Gateway = {
  poster: ConnectionPoster
  /** Takes the place of the browser's `WebSocket`. */
  WebSocket: new (
    url: string | URL,
    protocols?: string | string[],
  ) => SimulatedSocket
}

type Connection = {
  socket: SimulatedSocket
  network: Network
  host: string
  /** Frames vanish in both directions, though both ends think that it is open. */
  silent: boolean
  /** When the last frame on its way arrives: frames of one connection never overtake each other. */
  lastArrival: number
}

const INVOCATION_MS = 30_000
/** How long the API takes a half-open connection for open, in milliseconds. */
const SILENT_MS = 20_000

type EventType = ConnectEvent['requestContext']['eventType']

export function gateway({ chaos, networkOf, invoke, onLoss, onOpen, onFrame }: GatewayOptions): Gateway {
  const { random, odds, faults } = chaos
  const connections = new Map<string, Connection>()

  function event(eventType: EventType, connectionId: string, more: Partial<ConnectEvent> = {}) {
    const deadline = Date.now() + INVOCATION_MS
    const requestContext = { eventType, connectionId, stage: 'live' } as ConnectEvent['requestContext']
    const context = { awsRequestId: newId(), getRemainingTimeInMillis: () => deadline - Date.now() } as Context
    return invoke({ ...more, requestContext } as ConnectEvent, context)
  }

  async function dial(socket: SimulatedSocket, url: URL, protocols: string[]): Promise<void> {
    const network = networkOf(url.host)
    await sleep(network.way())
    const handshake = network.handshake()
    if (handshake !== 'open') faults.socket_refused += 1
    if (handshake === 'hangs') return
    const connectionId = newId()
    const headers = { 'sec-websocket-protocol': protocols.join(', ') }
    const query = Object.fromEntries(url.searchParams)
    const answer =
      handshake === 'open'
        ? await event('CONNECT', connectionId, { headers, queryStringParameters: query }).catch(() => undefined)
        : undefined
    await sleep(network.way())
    if (answer?.statusCode !== 200) return socket.lost(1006)
    if (socket.readyState !== SimulatedSocket.CONNECTING) return leave(connectionId)
    connections.set(connectionId, { socket, network, host: url.host, silent: false, lastArrival: 0 })
    const end = network.end()
    if (end) setTimeout(() => lose(connectionId, end.how), end.afterMs)
    socket.onSend = (frame) => void send(connectionId, frame)
    socket.onClose = () => leave(connectionId)
    onOpen({ host: url.host })
    socket.opened(String(answer.headers?.['Sec-WebSocket-Protocol'] ?? ''))
  }

  function lose(connectionId: string, how: How): void {
    const connection = connections.get(connectionId)
    if (!connection || connection.silent) return
    faults[how === 'cut' ? 'socket_cut' : 'socket_half_open'] += 1
    onLoss(connection, how)
    if (how === 'cut') {
      cut(connectionId)
      return
    }
    connection.silent = true
    setTimeout(() => leave(connectionId), SILENT_MS)
  }

  /** Both ends are told, and what was on its way is gone. */
  function cut(connectionId: string): void {
    const connection = connections.get(connectionId)
    leave(connectionId)
    connection?.socket.lost(1006)
  }

  function leave(connectionId: string): void {
    if (!connections.delete(connectionId)) return
    event('DISCONNECT', connectionId).catch(() => undefined)
  }

  async function send(connectionId: string, body: string): Promise<void> {
    const connection = connections.get(connectionId)
    if (!connection) return
    await sleep(connection.network.way())
    // API Gateway has a function handle each frame: they may overtake each other.
    if (connections.has(connectionId) && !connection.silent) await event('MESSAGE', connectionId, { body }).catch(() => undefined)
  }

  function deliver(connectionId: string, connection: Connection, frame: string, delayMs = 0): void {
    if (connection.silent) return
    const at = Math.max(connection.lastArrival, Date.now() + connection.network.way() + delayMs)
    if (delayMs === 0) connection.lastArrival = at
    setTimeout(() => {
      if (connections.has(connectionId) && !connection.silent) connection.socket.arrived(frame)
    }, at - Date.now())
  }

  async function post(connectionId: string, frame: string): Promise<PostResult> {
    await sleep(5 + random.below(15))
    const connection = connections.get(connectionId)
    if (!connection) return { status: 'gone' }
    const { throttled, failed, gone, twice, answerLost } = odds.post
    if (random.chance(throttled)) {
      faults.post_429 += 1
      return { status: 'throttled' }
    }
    if (random.chance(failed)) {
      faults.post_500 += 1
      return { status: 'failed', error: new Error('injected: 500') }
    }
    if (random.chance(gone)) {
      faults.post_410 += 1
      onLoss(connection, 'cut')
      cut(connectionId)
      return { status: 'gone' }
    }
    onFrame(frame)
    deliver(connectionId, connection, frame)
    if (random.chance(twice)) {
      faults.frame_twice += 1
      deliver(connectionId, connection, frame, random.below(2) * random.below(3_000))
    }
    if (random.chance(answerLost)) {
      faults.post_answer_lost += 1
      return { status: 'failed', error: new Error('injected: the answer was lost') }
    }
    return { status: 'sent' }
  }

  return {
    poster: {
      post,
      async close(connectionId) {
        cut(connectionId)
      },
    },
    WebSocket: class extends SimulatedSocket {
      constructor(url: string | URL, protocols: string | string[] = []) {
        super()
        dial(this, new URL(url), [protocols].flat()).catch(() => this.lost(1006))
      }
    },
  }
}
