import type { KEEP_ALIVE_PING } from '#shared/protocol/keep-alive.ts'
import type { ClientFrame, ServerFrame } from '#shared/protocol/socket-frame.ts'
import { SluiceClientError } from './errors.ts'
import { type Heartbeat, startHeartbeat } from './heartbeat.ts'
import { openSocket } from './open-socket.ts'
import { isOffline, onPageChange } from './page-events.ts'
import type { Reauthentication } from './reauthentication.ts'
import type { Transport } from './stream-status.ts'
import { backoffDelay, type Timing } from './timing.ts'

/** `closed` also means idle: nothing is subscribed, so no socket is needed. */
export type ConnectionState = 'connecting' | 'open' | 'reconnecting' | 'closed'

/** What whoever uses a connection is told, and asked. */
export interface ConnectionCallbacks {
  /** Whether a lost socket shall be replaced. */
  needed(): boolean
  onOpen(): void
  onFrame(frame: ServerFrame): void
  onLost(): void
  /** An attempt failed, or brought a socket that was lost before its first frame; how many in a row. */
  onAttemptFailed(failures: number): void
  /** No further attempt makes sense, for instance because the token expired. */
  onRefused(error: SluiceClientError): void
  /** The state, also when it is the one before. */
  onState(state: ConnectionState): void
}

export interface ConnectionOptions extends ConnectionCallbacks {
  url: URL
  /** A new ticket for each attempt; a client error (4xx) ends the connection. */
  ticket(signal: AbortSignal): Promise<string>
  /** A ticket of a fresh token; undefined when there is none to be had now. */
  freshTicket(signal: AbortSignal): Promise<string | undefined>
  /** When the token of the last ticket ends, in milliseconds since the epoch; undefined when that is not known, or no other can be had. */
  tokenEnd(): number | undefined
  timing: Timing
}

export interface Connection {
  /** How its frames travel. */
  readonly transport: Transport
  /** Starts connecting unless it does already. */
  open(): void
  /** False when no socket is open: the frame was not sent. */
  send(frame: ClientFrame): boolean
  /** Gives up the socket as dead and opens another. */
  renew(): void
  close(): void
}

/** Keeps one socket open as long as it is needed: dials, pings, replaces it before its age limit and after a loss. */
export function createConnection(options: ConnectionOptions): Connection {
  const { timing } = options
  const closing = new AbortController()
  let running = false
  let failures = 0
  let socket: WebSocket | undefined
  let heartbeat: Heartbeat | undefined
  let wakeUp = (): void => undefined
  let drop = (): void => undefined

  const stopListening = onPageChange(() => {
    if (isOffline()) return
    wakeUp()
    heartbeat?.probe()
  })

  async function run(): Promise<void> {
    options.onState('connecting')
    while (options.needed() && !closing.signal.aborted) {
      try {
        await serve(await dial())
      } catch (error) {
        if (isRefusal(error)) {
          options.onRefused(error)
          break
        }
        failures += 1
        options.onAttemptFailed(failures)
      }
      if (!options.needed() || closing.signal.aborted) break
      if (!socket) options.onState('reconnecting')
      await pause(backoffDelay(failures, timing))
    }
    drop()
    running = false
    options.onState('closed')
  }

  async function dial(): Promise<WebSocket> {
    const ticket = await options.ticket(closing.signal)
    closing.signal.throwIfAborted()
    return openSocket(options.url, ticket, timing.dialMs, closing.signal)
  }

  /** Uses a fresh socket in place of the one before; resolves when it is lost, or so old that the next should be dialled. */
  function serve(fresh: WebSocket): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    drop()
    failures += 1 // Until a frame arrives: a server that only accepts and closes must not be dialled in a hurry.
    socket = fresh
    const pulse = startHeartbeat(() => send({ message_type: 'ping', id: 'ping' } satisfies typeof KEEP_ALIVE_PING), lose, timing)
    heartbeat = pulse
    const aged = setTimeout(resolve, timing.maxAgeMs)
    let identity: Reauthentication | undefined
    startReauthentication(resolve).then((started) => {
      if (socket === fresh) identity = started
      else started?.stop()
    }, ignore)

    function release(): void {
      pulse.stop()
      identity?.stop()
      clearTimeout(aged)
      fresh.removeEventListener('message', receive)
      fresh.removeEventListener('close', lose)
      fresh.close()
      socket = undefined
      drop = () => undefined
      resolve()
    }
    function lose(): void {
      release()
      onLost()
    }
    function receive(message: MessageEvent<string>): void {
      failures = 0
      pulse.beat()
      const frame: ServerFrame = JSON.parse(message.data)
      identity?.handle(frame)
      options.onFrame(frame)
    }

    drop = release
    fresh.addEventListener('message', receive)
    fresh.addEventListener('close', lose)
    options.onState('open')
    options.onOpen()
    return promise
  }

  function onLost(): void {
    options.onLost()
    if (failures > 0) options.onAttemptFailed(failures)
  }

  /** Where the end of the token is not known, or no other can be had, the server closes the socket and the next is dialled. */
  async function startReauthentication(onRefused: () => void): Promise<Reauthentication | undefined> {
    const expiresAt = options.tokenEnd()
    if (expiresAt === undefined) return undefined
    const { keepAuthenticated } = await import('./reauthentication.ts')
    const freshTicket = (): Promise<string | undefined> => options.freshTicket(closing.signal).catch(ignore)
    return keepAuthenticated({ expiresAt, freshTicket, send, onRefused, timing })
  }

  function send(frame: ClientFrame): boolean {
    if (socket?.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(frame))
    return true
  }

  function pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    wakeUp = () => {
      clearTimeout(timer)
      resolve()
    }
    return promise
  }

  return {
    transport: 'socket',
    open() {
      if (running || closing.signal.aborted) return
      running = true
      void run()
    },
    send,
    renew() {
      drop()
      onLost()
    },
    close() {
      closing.abort()
      stopListening()
      drop()
      wakeUp()
    },
  }
}

const ignore = (): undefined => undefined

/** The server understood and said no; asking again with the same token cannot help. */
function isRefusal(error: unknown): error is SluiceClientError {
  return error instanceof SluiceClientError && !error.retryable && error.status !== undefined && error.status < 500
}
