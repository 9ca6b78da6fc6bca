import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import * as z from 'zod'
import { authenticate } from '#shared/access/authenticate.ts'
import { requireScope, requireUnbound } from '#shared/access/require-scope.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { refuseSecrets } from '#shared/agents/refuse-secrets.ts'
import { TenantClosedError } from '#shared/limits/tenant-gate.ts'
import { ValidationError } from '#shared/platform/errors.ts'
import { parse } from '#shared/platform/parse.ts'
import { MAX_QUERY_LENGTH } from '#shared/protocol/limits.ts'
import { idempotencyKeySchema } from '../doors/idempotency-key.ts'
import { readJsonBody } from '../doors/read-json-body.ts'
import { takeRequest } from '../doors/take-request.ts'
import { callerOf } from './caller-of.ts'
import { countRequest } from './count-request.ts'
import type { HttpDependencies } from './dependencies.ts'
import { once } from './once.ts'
import { factsOf, type RequestFacts } from './request-facts.ts'
import type { Answer, GuardedRoute, Route, RouteRequest } from './route.ts'

const nothing = z.strictObject({})

/** Answers a request by its route. Who is calling, and how often, is settled before anything of the request is looked at. */
export async function serveRoute(route: Route, event: APIGatewayProxyEventV2, dependencies: HttpDependencies): Promise<Answer> {
  const facts = factsOf(event)
  facts.route = route
  if (route.scope === 'none') return route.handle(dependencies)
  const principal = await authenticate(callerOf(event), dependencies)
  facts.principal = principal
  const serve = async (): Promise<Answer> => {
    await admit(route, principal, facts, dependencies)
    return answer(route, event, principal, dependencies)
  }
  return route.whileClosed ? serve() : countRequest(dependencies, route, principal.tenant, serve)
}

/** @throws RateLimitError; TenantClosedError where the route is not for tenants that are closed */
async function admit(
  { whileClosed }: GuardedRoute,
  principal: VerifiedPrincipal,
  facts: RequestFacts,
  dependencies: HttpDependencies,
): Promise<void> {
  try {
    await takeRequest(principal, dependencies, (allowance) => {
      facts.allowance = allowance
    })
  } catch (error) {
    if (!(error instanceof TenantClosedError)) throw error
    facts.isClosed = true
    if (!whileClosed) throw error
  }
}

async function answer(
  route: GuardedRoute,
  event: APIGatewayProxyEventV2,
  principal: VerifiedPrincipal,
  dependencies: HttpDependencies,
): Promise<Answer> {
  if (route.scope === 'any') requireUnbound(principal)
  else requireScope(principal, route.scope)
  const request = readRequest(route, event, principal)
  return once(route, request, dependencies, () => route.handle(request, dependencies))
}

/** @throws ValidationError, SluiceError `payload_too_large` */
function readRequest(route: GuardedRoute, event: APIGatewayProxyEventV2, principal: VerifiedPrincipal): RouteRequest {
  const { params, query = nothing, body } = route
  requireShortQuery(event.queryStringParameters)
  return {
    principal,
    params: params && parse(params, event.pathParameters, 'path'),
    query: parse(query, event.queryStringParameters ?? {}, 'query'),
    body: body && parse(body, bodyOf(event, body, route), 'request body'),
    idempotencyKey: parse(idempotencyKeySchema.optional(), event.headers['idempotency-key'], 'header "Idempotency-Key"'),
    event,
  }
}

/** The JSON of a request; nothing where there is none and the route can do without. */
function bodyOf(event: APIGatewayProxyEventV2, schema: z.ZodType, { maxBodyBytes, refusesSecrets }: GuardedRoute): unknown {
  if (!event.body && schema.safeParse(undefined).success) return undefined
  const body = readJsonBody(event, maxBodyBytes)
  // Before the schema sees it: its errors tell names of fields.
  if (refusesSecrets) refuseSecrets(body)
  return body
}

function requireShortQuery(query: APIGatewayProxyEventV2['queryStringParameters'] = {}): void {
  const length = Object.entries(query).reduce((sum, [name, value = '']) => sum + name.length + value.length, 0)
  if (length > MAX_QUERY_LENGTH) throw new ValidationError(`the query is longer than ${MAX_QUERY_LENGTH} characters`)
}
