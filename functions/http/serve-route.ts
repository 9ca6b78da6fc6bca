import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import * as z from 'zod'
import { authenticate } from '#shared/access/authenticate.ts'
import { requireScope, requireUnbound } from '#shared/access/require-scope.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { parse } from '#shared/platform/parse.ts'
import { callerOf } from './caller-of.ts'
import { countRequest } from './count-request.ts'
import type { HttpDependencies } from './dependencies.ts'
import { readJsonBody } from './read-json-body.ts'
import type { Answer, GuardedRoute, Route, RouteRequest } from './route.ts'

const nothing = z.strictObject({})
const idempotencyKeySchema = z.string().min(1).max(256).optional()

/** Answers a request by its route. Who is calling is settled before anything of the request is looked at. */
export async function serveRoute(route: Route, event: APIGatewayProxyEventV2, dependencies: HttpDependencies): Promise<Answer> {
  if (route.scope === 'none') return route.handle(dependencies)
  const principal = await authenticate(callerOf(event), dependencies)
  return countRequest(dependencies, route, principal.tenant, async () => {
    if (route.scope === 'any') requireUnbound(principal)
    else requireScope(principal, route.scope)
    return route.handle(readRequest(route, event, principal), dependencies)
  })
}

/** @throws ValidationError, SluiceError `payload_too_large` */
function readRequest(route: GuardedRoute, event: APIGatewayProxyEventV2, principal: VerifiedPrincipal): RouteRequest {
  const { params, query = nothing, body, maxBodyBytes } = route
  return {
    principal,
    params: params && parse(params, event.pathParameters, 'path'),
    query: parse(query, event.queryStringParameters ?? {}, 'query'),
    body: body && parse(body, bodyOf(event, body, maxBodyBytes), 'request body'),
    idempotencyKey: parse(idempotencyKeySchema, event.headers['idempotency-key'], 'header "Idempotency-Key"'),
    event,
  }
}

/** The JSON of a request; nothing where there is none and the route can do without. */
const bodyOf = (event: APIGatewayProxyEventV2, schema: z.ZodType, maxBytes?: number): unknown =>
  !event.body && schema.safeParse(undefined).success ? undefined : readJsonBody(event, maxBytes)
