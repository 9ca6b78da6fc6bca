import type { ClientFrame, ServerFrame } from '#shared/protocol/socket-frame.ts'
import { SluiceClientError } from './errors.ts'
import { type Heartbeat, startHeartbeat } from './heartbeat.ts'
import { openSocket } from './open-socket.ts'
import { onPageWake } from './page-wake.ts'
import { backoffDelay, type Timing } from './timing.ts'

/** `closed` also means idle: nothing is subscribed, so no socket is needed. */
export type ConnectionState = 'connecting' | 'open' | 'reconnecting' | 'closed'

export interface ConnectionOptions {
  url: URL
  /** A new ticket for each attempt; a client error (4xx) ends the connection. */
  ticket(signal: AbortSignal): Promise<string>
  /** Whether a lost socket shall be replaced. */
  needed(): boolean
  onOpen(): void
  onFrame(frame: ServerFrame): void
  onLost(): void
  /** An attempt failed; how many in a row. */
  onAttemptFailed(failures: number): void
  /** No further attempt makes sense, for instance because the token expired. */
  onRefused(error: SluiceClientError): void
  /** The state, also when it is the one before. */
  onState(state: ConnectionState): void
  timing: Timing
}

export interface Connection {
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

  const stopListening = onPageWake(() => {
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
    const pulse = startHeartbeat(() => send({ message_type: 'ping' }), lose, timing)
    heartbeat = pulse
    const aged = setTimeout(resolve, timing.maxAgeMs)

    function release(): void {
      pulse.stop()
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
      options.onLost()
    }
    function receive(message: MessageEvent<string>): void {
      failures = 0
      pulse.beat()
      options.onFrame(JSON.parse(message.data))
    }

    drop = release
    fresh.addEventListener('message', receive)
    fresh.addEventListener('close', lose)
    options.onState('open')
    options.onOpen()
    return promise
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
    open() {
      if (running || closing.signal.aborted) return
      running = true
      void run()
    },
    send,
    renew() {
      drop()
      options.onLost()
    },
    close() {
      closing.abort()
      stopListening()
      drop()
      wakeUp()
    },
  }
}

/** The server understood and said no; asking again with the same token cannot help. */
function isRefusal(error: unknown): error is SluiceClientError {
  return error instanceof SluiceClientError && !error.retryable && error.status !== undefined && error.status < 500
}
