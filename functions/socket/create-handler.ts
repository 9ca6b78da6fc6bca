import middy from '@middy/core'
import type { APIGatewayProxyResultV2 } from 'aws-lambda'
import { type ConnectEvent, connect } from './connect.ts'
import type { SocketDependencies } from './dependencies.ts'
import { receive } from './receive.ts'

/** Time that is left to say that a replay did not finish, in milliseconds. */
const MARGIN_MS = 3_000

/** The three routes of the WebSocket API. */
export function createHandler(dependencies: SocketDependencies) {
  return middy<ConnectEvent, APIGatewayProxyResultV2>().handler(async (event, context) => {
    const { routeKey, connectionId } = event.requestContext
    if (routeKey === '$connect') return connect(dependencies, event)
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS))
    if (routeKey === '$default') await receive(dependencies, connectionId, event.body ?? '', signal)
    if (routeKey === '$disconnect') {
      const { forgetConnection } = await import('#shared/streams/forget-connection.ts')
      await forgetConnection(dependencies, connectionId, signal)
    }
    return { statusCode: 200 }
  })
}
