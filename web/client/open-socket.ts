import { SOCKET_SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '#shared/protocol/limits.ts'
import { SluiceClientError } from './errors.ts'

/** Opens a socket with a ticket. A refused handshake and an unreachable server look alike: browsers do not tell them apart. */
export function openSocket(url: URL, ticket: string, timeoutMs: number, signal: AbortSignal): Promise<WebSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>()
  const socket = new WebSocket(url, [SOCKET_SUBPROTOCOL, `${TICKET_SUBPROTOCOL_PREFIX}${ticket}`])
  const settled = new AbortController()
  const once = { signal: settled.signal }

  function fail(): void {
    settled.abort()
    socket.close()
    reject(new SluiceClientError('network_error', 'the socket cannot be opened', { retryable: true }))
  }
  function open(): void {
    settled.abort()
    resolve(socket)
  }

  const timer = setTimeout(fail, timeoutMs)
  settled.signal.addEventListener('abort', () => clearTimeout(timer))
  socket.addEventListener('close', fail, once)
  signal.addEventListener('abort', fail, once)
  socket.addEventListener('open', open, once)
  return promise
}
