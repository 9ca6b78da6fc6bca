import middy from '@middy/core'
import httpHeaderNormalizer from '@middy/http-header-normalizer'
import httpRouter from '@middy/http-router'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { NotFoundError, SluiceError } from '#shared/platform/errors.ts'
import { MethodNotAllowedError } from '#shared/platform/method-not-allowed-error.ts'
import { type CorsOrigins, preflightHeaders } from '../doors/cors.ts'
import { accessLog } from './access-log.ts'
import { answerHeaders } from './answer-headers.ts'
import { auditRequests } from './audit-requests.ts'
import type { HttpDependencies } from './dependencies.ts'
import { problemErrors } from './problem-errors.ts'
import { factsOf } from './request-facts.ts'
import { jsonResponse, sendable, textResponse } from './response.ts'
import { METHODS, type Route } from './route.ts'
import { ROUTES } from './route-table.ts'
import { serveRoute } from './serve-route.ts'
import { warnWhenOpen } from './warn-when-open.ts'

type Event = APIGatewayProxyEventV2
type Result = APIGatewayProxyStructuredResultV2

/** What is kept of the function's time to answer that the time is up, in milliseconds. */
const TIMEOUT_RESERVE = 500

/** The function over its dependencies; tests pass adapters in memory. */
export function createHandler(dependencies: HttpDependencies) {
  return middy<Event, Result>({ timeoutEarlyInMillis: TIMEOUT_RESERVE, timeoutEarlyResponse: timeIsUp })
    .use(httpHeaderNormalizer())
    .use(warnWhenOpen(dependencies.openTenant))
    .use(accessLog(dependencies))
    .use(answerHeaders(dependencies.corsOrigins))
    .use(problemErrors(dependencies.log))
    .use(auditRequests(dependencies))
    .handler(
      httpRouter<Event, Result>({
        routes: [...ROUTES.map((route) => entryOf(route, dependencies)), ...refusals(dependencies.corsOrigins)],
        notFoundResponse: ({ path }) => {
          throw new NotFoundError('path', path)
        },
      }),
    )
}

const entryOf = (route: Route, dependencies: HttpDependencies) => ({
  method: route.method,
  path: route.path,
  handler: async (event: Event): Promise<Result> => {
    const answer = await serveRoute(route, event, dependencies)
    const { text, body, headers, status = route.status } = answer
    const response = sendable(text === undefined ? jsonResponse(status, body, headers) : textResponse(status, text, headers))
    factsOf(event).answer = answer
    return response
  },
})

/**
 * A known path with another method is 405, which the router itself does not tell from an unknown path. `OPTIONS` says which methods there are,
 * and to pages of other origins whether they may use them.
 */
function refusals(corsOrigins: CorsOrigins) {
  const paths = Map.groupBy(ROUTES, ({ path }) => path)
  return [...paths].flatMap(([path, routes]) => {
    const allowed = routes.map(({ method }) => method)
    return METHODS.filter((method) => !allowed.some((known) => known === method)).map((method) => ({
      method,
      path,
      handler: async ({ headers }: Event): Promise<Result> => {
        if (method === 'OPTIONS') return jsonResponse(204, undefined, preflightHeaders(corsOrigins, headers.origin, allowed))
        throw new MethodNotAllowedError(method, allowed)
      },
    }))
  })
}

function timeIsUp(): never {
  throw new SluiceError('timeout', 'the time for this request was up')
}
