import type middy from '@middy/core'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { rateLimitHeaders } from '#shared/limits/rate-limit-headers.ts'
import { type CorsOrigins, corsHeaders } from '../doors/cors.ts'
import { factsOf } from './request-facts.ts'

type Request = middy.Request<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>

/** Middleware for the headers that every answer has, whatever became of the request. */
export function answerHeaders(
  corsOrigins: CorsOrigins,
): middy.MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  const add = ({ event, response }: Request): void => {
    if (!response) return
    const { requestId, allowance } = factsOf(event)
    response.headers = {
      'x-request-id': requestId,
      ...(allowance && rateLimitHeaders(allowance)),
      ...corsHeaders(corsOrigins, event.headers.origin),
      ...response.headers,
    }
  }
  return { after: add, onError: add }
}
