import type middy from '@middy/core'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { OPEN_WARNING } from '#shared/access/open-warning.ts'

type Middleware = middy.MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>

/** Middleware that says in every answer, refusals included, that authentication is off. It is the first, so it sees the answers of all others. */
export function warnWhenOpen(openTenant: string | undefined): Middleware {
  const warn: NonNullable<Middleware['after']> = ({ response }) => {
    if (openTenant !== undefined && response) response.headers = { ...response.headers, ...OPEN_WARNING }
  }
  return { after: warn, onError: warn }
}
