import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type * as z from 'zod'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { Scope } from '#shared/protocol/scopes.ts'
import type { HttpDependencies } from './dependencies.ts'

/** Methods that the router knows. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'] as const

/** Chapters of the API's description. */
export const TAGS = [
  'Agents',
  'Executions',
  'Approvals',
  'Conversations',
  'Topics',
  'Queues',
  'Webhooks',
  'Connections',
  'Access',
  'Audit',
  'Metrics',
  'Models',
  'Aliases',
] as const

/** Request headers that some routes read. */
export type RequestHeader = 'Idempotency-Key' | 'If-Match' | 'If-None-Match' | 'Prefer'

/** What a use case made of a request; the route's status, no headers and no body where it does not say. */
export type Answer = {
  body?: unknown
  /** The body where it is a text already; its `content-type` stands in the headers. */
  text?: string | undefined
  status?: number
  headers?: Record<string, string>
  /** The resource as it was before a change, for its digest in the audit log. */
  before?: unknown
}

/** The part of a route that is data: enough to write it down as OpenAPI. */
type RouteData = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path with `{parameters}`. */
  path: `/${string}`
  /** Name of the operation, `listAgents`: in the API's description, in generated clients, and in the audit log. */
  operation: string
  /** One line that says what it does. */
  summary: string
  /** What a reader must know besides, in Markdown. */
  description?: string
  tag: (typeof TAGS)[number]
  /** Status of the answer when all went well. */
  status: number
  response: z.ZodType
  /** Type of the answer. @default 'application/json' */
  contentType?: string
  /** Other answers that are no errors. */
  alsoAnswers?: readonly { status: number; response: z.ZodType }[]
  /** Headers that it reads besides those of every route. */
  headers?: readonly RequestHeader[]
  /** Errors besides those that every route may answer: bad input, no or a wrong token, too many requests, our own failures. */
  errors?: readonly ErrorCode[]
  /**
   * What a `POST` does with an `Idempotency-Key`: its answer is `kept` for a day and given again, also where what it does is `repeatable` and so
   * waits for no other; what it makes is `derived` from the key and compared; or the key is `refused`, since the answer holds a secret. @default kept
   */
  idempotency?: 'kept' | 'repeatable' | 'derived' | 'refused'
  /**
   * `refusals`: only those who were not let in stand in the audit log, since it changes nothing, or writes records of its own.
   * @default every call but those of GET
   */
  audited?: 'refusals'
  /** Whether a body with a key or a password in it is refused before anything else of it is looked at: `secret_in_request`. @default false */
  refusesSecrets?: boolean
  /** Whether it answers a tenant that is closed too. It is not counted: that would write data of the tenant. */
  whileClosed?: boolean
  /** Largest body, in bytes of UTF-8. @default MAX_MESSAGE_BYTES */
  maxBodyBytes?: number
}

/** What is parsed of a request. */
type RequestSchemas = { params?: z.ZodType | undefined; query?: z.ZodType | undefined; body?: z.ZodType | undefined }

/** A request that was let in and parsed. */
export type RouteRequest<Params = unknown, Query = unknown, Body = unknown> = {
  principal: VerifiedPrincipal
  params: Params
  query: Query
  body: Body
  idempotencyKey: string | undefined
  event: APIGatewayProxyEventV2
}

/** An operation that needs a token. */
export type GuardedRoute = RouteData &
  RequestSchemas & {
    /** Scope that the token needs; `any` token where the use case looks at the scopes. */
    scope: Scope | 'any'
    handle(request: RouteRequest, dependencies: HttpDependencies): Promise<Answer>
  }

/** An operation that anybody may call; it sees nothing of the request. */
export type PublicRoute = RouteData & { scope: 'none'; handle(dependencies: HttpDependencies): Promise<Answer> }

/** One operation of the HTTP API. */
export type Route = GuardedRoute | PublicRoute

type Definition<Params, Query, Body> = RouteData & {
  scope: Scope | 'any'
  params?: z.ZodType<Params>
  query?: z.ZodType<Query>
  body?: z.ZodType<Body>
  handle(request: RouteRequest<Params, Query, Body>, dependencies: HttpDependencies): Promise<Answer>
}

/** A route that needs a token. */
export function route<Params = undefined, Query = undefined, Body = undefined>({
  handle,
  ...definition
}: Definition<Params, Query, Body>): GuardedRoute {
  return {
    ...definition,
    // It gets what its own schemas made of the request.
    handle: (request, dependencies) => handle(request as RouteRequest<Params, Query, Body>, dependencies),
  }
}

/** A route that anybody may call. */
export const publicRoute = (definition: Omit<PublicRoute, 'scope'>): PublicRoute => ({ ...definition, scope: 'none' })
