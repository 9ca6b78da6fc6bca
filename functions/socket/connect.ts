import type { APIGatewayProxyResultV2, APIGatewayProxyWebsocketEventV2 } from 'aws-lambda'
import { authenticate } from '#shared/access/authenticate.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import type { Origin } from '#shared/audit/auditor.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { AUTHENTICATION_DEADLINE_MS } from '#shared/protocol/limits.ts'
import type { Connection } from '#shared/streams/connection-store.ts'
import { checkAccess } from './check-access.ts'
import type { SocketDependencies } from './dependencies.ts'
import { frameRecord, isRecorded } from './frame-record.ts'
import { type Handshake, readHandshake } from './handshake.ts'
import { refusal } from './refusal.ts'
import { requireRoom } from './require-room.ts'

/** The handshake's event has headers and query, which the types of the other routes lack. */
export type ConnectEvent = APIGatewayProxyWebsocketEventV2 & {
  requestContext: { identity?: { sourceIp?: string; userAgent?: string } }
  headers?: Record<string, string | undefined>
  queryStringParameters?: Record<string, string | undefined> | null
}

/** Where a handshake came from. */
export const originOf = ({ requestContext: { identity, requestId } }: ConnectEvent): Origin => ({
  address: identity?.sourceIp,
  userAgent: identity?.userAgent,
  requestId,
})

/** `$connect`: lets a caller with a good ticket or token in, for what its address asks for, and echoes our subprotocol where it was offered. */
export async function connect(dependencies: SocketDependencies, event: ConnectEvent): Promise<APIGatewayProxyResultV2> {
  const { connectionId } = event.requestContext
  const origin = originOf(event)
  let principal: VerifiedPrincipal | undefined
  try {
    const handshake = readHandshake(event.headers ?? {}, event.queryStringParameters ?? {}, dependencies.endpoints)
    const { credentials, mayComeUnknown, echo } = handshake
    principal = mayComeUnknown ? undefined : await authenticate({ ...credentials, address: origin.address }, dependencies)
    await letIn(dependencies, connectionId, handshake, principal)
    return { statusCode: 200, ...(echo && { headers: { 'Sec-WebSocket-Protocol': echo } }) }
  } catch (thrown) {
    const { status, code } = refusal(dependencies.logger, connectionId, thrown)
    if (isRecorded('connect', status, thrown))
      await frameRecord(dependencies, { principal }, origin).once({ action: 'connect' }, { status, code })
    return { statusCode: status }
  }
}

async function letIn(
  dependencies: SocketDependencies,
  connectionId: string,
  { credentials: _credentials, mayComeUnknown: _unknown, echo: _echo, ...asked }: Handshake,
  principal: VerifiedPrincipal | undefined,
): Promise<void> {
  if (principal) {
    await requireRoom(dependencies, principal)
    await Promise.all(asked.opening.map(({ channel }) => checkAccess(dependencies, principal, channel)))
  }
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
