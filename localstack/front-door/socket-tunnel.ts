import { randomUUID } from 'node:crypto'
import { request as httpRequest, type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { auditedPath } from '#shared/audit/audited-path.ts'
import { toProblem } from '#shared/platform/problem.ts'
import { GRAPHQL_SUBPROTOCOL, SOCKET_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import type { Problem } from '#shared/protocol/problem.ts'
import { CloudUnreachableError } from './cloud-unreachable-error.ts'

/** Longest wait for the answer to a handshake: the integration's own limit. */
const HANDSHAKE_TIMEOUT_MS = 30_000
const SUBPROTOCOL_HEADER = 'Sec-WebSocket-Protocol'

/**
 * Carries a WebSocket to `target`. The handshake goes through here, after that bytes do: frames, pings, close codes and
 * back-pressure are those of the two ends.
 *
 * Two gaps of the emulator are bridged in the handshake: it does not echo the subprotocol, without which a browser hangs up, and it
 * answers every refused `$connect` with 403, where API Gateway passes on the handler's status, which is 401.
 */
export function tunnelSocket(request: IncomingMessage, client: Duplex, head: Buffer, target: URL): void {
  const upstream = httpRequest(target, { headers: { ...request.headers, host: target.host } })
  upstream.setTimeout(HANDSHAKE_TIMEOUT_MS, () => upstream.destroy())
  client.once('close', () => upstream.destroy())

  upstream.once('upgrade', (answer, server, firstBytes) => {
    server.setTimeout(0)
    server.on('error', () => server.destroy())
    client.write(handshake(answer, request))
    client.write(firstBytes)
    server.write(head)
    client.once('close', () => server.destroy())
    server.once('close', () => client.destroy())
    client.pipe(server)
    server.pipe(client)
  })
  upstream.once('response', (answer) => {
    answer.resume()
    refuse(client, answer.statusCode === 403 ? 401 : (answer.statusCode ?? 502))
  })
  upstream.once('error', (error) => {
    const unreachable = new CloudUnreachableError(target, error)
    refuse(client, unreachable.status, toProblem(unreachable, { requestId: randomUUID(), path: auditedPath(request.url ?? '/') }))
  })
  upstream.end()
}

/** The answer that opens the socket, with the subprotocol that the client offered, the first where it offered both. */
function handshake(answer: IncomingMessage, request: IncomingMessage): string {
  const lines = ['HTTP/1.1 101 Switching Protocols']
  for (let index = 0; index < answer.rawHeaders.length; index += 2) {
    lines.push(`${answer.rawHeaders[index]}: ${answer.rawHeaders[index + 1]}`)
  }
  const echoed = answer.headers['sec-websocket-protocol'] !== undefined
  const spoken = offers(request).find((offer) => offer === SOCKET_SUBPROTOCOL || offer === GRAPHQL_SUBPROTOCOL)
  if (!echoed && spoken !== undefined) lines.push(`${SUBPROTOCOL_HEADER}: ${spoken}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

function offers(request: IncomingMessage): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((offer) => offer.trim())
}

function refuse(client: Duplex, status: number, body?: Problem): void {
  const text = body ? JSON.stringify(body) : ''
  const type = body ? 'Content-Type: application/problem+json\r\n' : ''
  client.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n${type}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
}
