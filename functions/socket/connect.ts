import type { APIGatewayProxyResultV2, APIGatewayProxyWebsocketEventV2 } from 'aws-lambda'
import { authenticate } from '#shared/access/authenticate.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { AUTHENTICATION_DEADLINE_MS } from '#shared/protocol/limits.ts'
import type { Connection } from '#shared/streams/connection-store.ts'
import { checkAccess } from './check-access.ts'
import type { SocketDependencies } from './dependencies.ts'
import { type Handshake, readHandshake } from './handshake.ts'
import { refusal } from './refusal.ts'

/** The handshake's event has headers and query, which the types of the other routes lack. */
export type ConnectEvent = APIGatewayProxyWebsocketEventV2 & {
  requestContext: { identity?: { sourceIp?: string } }
  headers?: Record<string, string | undefined>
  queryStringParameters?: Record<string, string | undefined> | null
}

/** `$connect`: lets a caller with a good ticket or token in, for what its address asks for, and echoes our subprotocol where it was offered. */
export async function connect(dependencies: SocketDependencies, event: ConnectEvent): Promise<APIGatewayProxyResultV2> {
  const { connectionId } = event.requestContext
  try {
    const handshake = readHandshake(event.headers ?? {}, event.queryStringParameters ?? {}, dependencies.endpoints)
    await letIn(dependencies, event.requestContext, handshake)
    const { echo } = handshake
    return { statusCode: 200, ...(echo && { headers: { 'Sec-WebSocket-Protocol': echo } }) }
  } catch (thrown) {
    return { statusCode: refusal(dependencies.logger, connectionId, thrown).status }
  }
}

async function letIn(
  dependencies: SocketDependencies,
  { connectionId, identity }: ConnectEvent['requestContext'],
  handshake: Handshake,
): Promise<void> {
  const { credentials, mayComeUnknown, echo: _, ...asked } = handshake
  const principal = mayComeUnknown ? undefined : await authenticate({ ...credentials, address: identity?.sourceIp }, dependencies)
  if (principal) await Promise.all(asked.opening.map(({ channel }) => checkAccess(dependencies, principal, channel)))
  // Before the connection is known, since without it a stranger would stay.
  else await dependencies.connectionTasks.send([{ task: 'require_identity', connectionId }], AUTHENTICATION_DEADLINE_MS / 1_000)
  const connection: Connection = {
    ...asked,
    connectionId,
    principal,
    connectedAt: timestamp(dependencies.clock),
    greeted: false,
  }
  await dependencies.connections.put(connection)
}
