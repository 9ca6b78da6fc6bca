import { SOCKET_SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '#shared/protocol/limits.ts'
import { SluiceClientError } from './errors.ts'

/** Opens a socket with a ticket. A refused handshake and an unreachable server look alike: browsers do not tell them apart. */
export function openSocket(url: URL, ticket: string, timeoutMs: number, signal: AbortSignal): Promise<WebSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>()
  const settled = new AbortController()
  const socket = new WebSocket(url, [SOCKET_SUBPROTOCOL, `${TICKET_SUBPROTOCOL_PREFIX}${ticket}`])

  function fail(): void {
    settled.abort()
    socket.close()
    reject(new SluiceClientError('network_error', 'the socket cannot be opened', { retryable: true }))
  }

  const timer = setTimeout(fail, timeoutMs)
  settled.signal.addEventListener('abort', () => clearTimeout(timer))
  socket.addEventListener('close', fail, { signal: settled.signal })
  signal.addEventListener('abort', fail, { signal: settled.signal })
  socket.addEventListener(
    'open',
    () => {
      settled.abort()
      resolve(socket)
    },
    { signal: settled.signal },
  )
  return promise
}
