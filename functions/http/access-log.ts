import type middy from '@middy/core'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type { Clock } from '#shared/platform/clock.ts'
import type { Log } from '#shared/platform/log.ts'
import { factsOf } from './request-facts.ts'

type Request = middy.Request<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>

/**
 * Middleware that logs one line for every request. It names the operation, not the path or the caller, which may say more than a log should
 * keep; API Gateway's own id leads to the line in its access log, and the time counts from when it took the request.
 */
export function accessLog({
  log,
  clock,
}: {
  log: Log
  clock: Clock
}): middy.MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  const served = ({ event, response }: Request): void => {
    const { requestId, route, principal } = factsOf(event)
    const { requestId: gatewayRequestId, http, timeEpoch } = event.requestContext
    log.info('request_served', {
      requestId,
      gatewayRequestId,
      operation: route?.operation,
      method: http.method,
      status: response?.statusCode,
      durationMs: clock.now() - timeEpoch,
      tenant: principal?.tenant,
    })
  }
  return { after: served, onError: served }
}
