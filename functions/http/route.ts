import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import * as z from 'zod'
import { authenticate } from '#shared/access/authenticate.ts'
import type { Scope } from '#shared/access/principal.ts'
import { requireScope } from '#shared/access/require-scope.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { parse } from '#shared/platform/parse.ts'
import type { HttpDependencies } from './dependencies.ts'
import { readJsonBody } from './read-json-body.ts'

/** Methods that the router knows. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'] as const

/** What a use case made of a request; the route's status, no headers and no body where it does not say. */
export type Answer = {
  body?: unknown
  /** The body where it is a text already; its `content-type` stands in the headers. */
  text?: string | undefined
  status?: number
  headers?: Record<string, string>
}

/** The part of a route that is data: enough to write it down as OpenAPI. */
type RouteData = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path with `{parameters}`. */
  path: `/${string}`
  /** Scope that the token needs; `any` token, or `none` at all. */
  scope: Scope | 'any' | 'none'
  /** Status of the answer when all went well. */
  status: number
  response: z.ZodType
  /** Largest body, in bytes of UTF-8. @default MAX_MESSAGE_BYTES */
  maxBodyBytes?: number
}

/** One operation of the HTTP API. */
export type Route = RouteData & {
  params?: z.ZodType | undefined
  query?: z.ZodType | undefined
  body?: z.ZodType | undefined
  run(event: APIGatewayProxyEventV2, dependencies: HttpDependencies): Promise<Answer>
}

/** A request that was let in and parsed. */
export type RouteRequest<Params, Query, Body> = {
  principal: VerifiedPrincipal
  params: Params
  query: Query
  body: Body
  idempotencyKey: string | undefined
}

type Definition<Params, Query, Body> = RouteData & {
  scope: Scope | 'any'
  params?: z.ZodType<Params>
  query?: z.ZodType<Query>
  body?: z.ZodType<Body>
  handle(request: RouteRequest<Params, Query, Body>, dependencies: HttpDependencies): Promise<Answer>
}

const nothing = z.strictObject({})
const idempotencyKeySchema = z.string().min(1).max(256).optional()

/** A route that needs a token. Who is calling is settled before anything of the request is looked at. */
export function route<Params = undefined, Query = undefined, Body = undefined>(
  definition: Definition<Params, Query, Body>,
): Route {
  const { scope, params, query, body, handle, ...data } = definition
  return {
    ...data,
    scope,
    params,
    query,
    body,
    async run(event, dependencies) {
      const principal = await authenticate({ authorization: event.headers.authorization }, dependencies)
      if (scope !== 'any') requireScope(principal, scope)
      const request = {
        principal,
        params: params && parse(params, event.pathParameters, 'path'),
        query: parse(query ?? nothing, event.queryStringParameters ?? {}, 'query'),
        body: body && parse(body, bodyOf(event, body, data.maxBodyBytes), 'request body'),
        idempotencyKey: parse(idempotencyKeySchema, event.headers['idempotency-key'], 'header "Idempotency-Key"'),
      }
      return handle(request as RouteRequest<Params, Query, Body>, dependencies)
    },
  }
}

/** The JSON of a request; nothing where there is none and the route can do without. */
const bodyOf = (event: APIGatewayProxyEventV2, schema: z.ZodType, maxBytes?: number): unknown =>
  !event.body && schema.safeParse(undefined).success ? undefined : readJsonBody(event, maxBytes)

/** A route that anybody may call; it sees nothing of the request. */
export function publicRoute({
  handle,
  ...data
}: Omit<RouteData, 'scope'> & { handle(dependencies: HttpDependencies): Promise<Answer> }): Route {
  return { ...data, scope: 'none', run: (_event, dependencies) => handle(dependencies) }
}
