import middy from '@middy/core'
import type { APIGatewayProxyResultV2 } from 'aws-lambda'
import { type ConnectEvent, connect, originOf } from './connect.ts'
import type { SocketDependencies } from './dependencies.ts'
import { receive } from './receive.ts'

/** Time that is left to say that a replay did not finish, in milliseconds. */
const MARGIN_MS = 3_000

/**
 * Handles what happens to a socket: it is opened, a frame comes, it is closed. The key of the route does not tell: it is taken from the id of a
 * frame, so a client may send one that is called `$disconnect`.
 */
export function createHandler(dependencies: SocketDependencies) {
  return middy<ConnectEvent, APIGatewayProxyResultV2>().handler(async (event, context) => {
    const { eventType, connectionId } = event.requestContext
    if (eventType === 'CONNECT') return connect(dependencies, event)
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS))
    if (eventType === 'MESSAGE') {
      await receive(dependencies, { connectionId, body: event.body ?? '', origin: originOf(event) }, signal)
    }
    if (eventType === 'DISCONNECT') {
      const { forgetConnection } = await import('#shared/streams/forget-connection.ts')
      await forgetConnection(dependencies, connectionId, signal)
    }
    return { statusCode: 200 }
  })
}
