import type { APIGatewayProxyResultV2, APIGatewayProxyWebsocketEventV2 } from 'aws-lambda'
import { authenticate } from '#shared/access/authenticate.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { SOCKET_SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '#shared/protocol/limits.ts'
import type { SocketDependencies } from './dependencies.ts'
import { refusal } from './refusal.ts'

/** The handshake's event has headers and query, which the types of the other routes lack. */
export type ConnectEvent = APIGatewayProxyWebsocketEventV2 & {
  headers?: Record<string, string | undefined>
  queryStringParameters?: Record<string, string | undefined>
}

/** `$connect`: lets a caller with a good ticket or token in, and echoes our subprotocol where it was offered. */
export async function connect(dependencies: SocketDependencies, event: ConnectEvent): Promise<APIGatewayProxyResultV2> {
  const { connectionId } = event.requestContext
  const headers = lowerCased(event.headers ?? {})
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  const ticket = offered.find((name) => name.startsWith(TICKET_SUBPROTOCOL_PREFIX))?.slice(TICKET_SUBPROTOCOL_PREFIX.length)
  try {
    const credentials = { authorization: headers.authorization, ticket: ticket ?? event.queryStringParameters?.ticket }
    const principal = await authenticate(credentials, dependencies)
    const connectedAt = timestamp(dependencies.clock)
    await dependencies.connections.put({ connectionId, principal, connectedAt, greeted: false })
  } catch (thrown) {
    return { statusCode: refusal(dependencies.logger, connectionId, thrown).status }
  }
  return {
    statusCode: 200,
    ...(offered.includes(SOCKET_SUBPROTOCOL) && { headers: { 'Sec-WebSocket-Protocol': SOCKET_SUBPROTOCOL } }),
  }
}

const lowerCased = (headers: Record<string, string | undefined>): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
