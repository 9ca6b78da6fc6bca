import * as z from 'zod'
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi'
import { ERROR_STATUS, type ErrorCode } from '#shared/protocol/error-codes.ts'
import { type Route, TAGS } from '../../functions/http/route.ts'
import { ROUTES } from '../../functions/http/route-table.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { COMPONENTS } from './components.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import { withOpenIntersections } from './open-intersections.ts'
import { withAnyJson } from './with-any-json.ts'

/** Errors that every route may answer whose caller must say who he is. */
const GUARDED_ERRORS: readonly ErrorCode[] = ['unauthorized', 'forbidden', 'rate_limit']
/** Errors that every route may answer. */
const COMMON_ERRORS: readonly ErrorCode[] = ['validation_error', 'internal', 'unavailable', 'timeout']

/** The HTTP API as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html), made of the table that serves it. */
export function openApi(): Record<string, unknown> {
  const description: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: {
      title: 'Sluice',
      version: '1',
      summary: 'Real-time LLM agents: definitions, executions, streams.',
      description: 'Streams over WebSocket and Server-Sent Events stand in `docs/protocol/asyncapi.json`.',
      license: { name: packageJson.license, identifier: packageJson.license },
    },
    servers: [{ url: '/', description: 'The origin that serves this document.' }],
    tags: TAGS.map((name) => ({ name })),
    security: [{ bearer: [] }, { apiKey: [] }],
    paths: pathsOf(ROUTES),
    components: {
      schemas: COMPONENTS,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A JWT, or an API key.' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  }
  return withOpenIntersections(withAnyJson(createDocument(description, { override: asReadersKnowIt })))
}

type Written = { format?: string; pattern?: string; items?: unknown; prefixItems?: unknown }

function asReadersKnowIt({ jsonSchema }: { jsonSchema: Written }): void {
  // Zod says with a pattern of four hundred characters what the format says.
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
  // Schemathesis takes a tuple for that of an older draft, and refuses it; which place has which kind is left unsaid.
  if (jsonSchema.prefixItems) jsonSchema.items = { anyOf: jsonSchema.prefixItems }
  delete jsonSchema.prefixItems
}

function pathsOf(routes: readonly Route[]): Record<string, Record<string, ZodOpenApiOperationObject>> {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const route of routes) {
    const path = route.path.replace('{proxy+}', '{path}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return paths
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { operation, summary, description, tag, scope } = route
  return {
    operationId: operation,
    summary,
    description: [description, scopeNote(scope)].filter(Boolean).join('\n\n'),
    tags: [tag],
    ...(scope === 'none' ? { security: [] } : requestOf(route)),
    responses: responsesOf(route),
  }
}

const scopeNote = (scope: Route['scope']): string => {
  if (scope === 'none') return 'Anybody may call it.'
  return scope === 'any' ? 'Needs a token of any scope.' : `Needs the scope \`${scope}\`.`
}

function requestOf(route: Exclude<Route, { scope: 'none' }>): Partial<ZodOpenApiOperationObject> {
  const { params, query, body } = route
  const header = requestHeaders(route)
  const isOptional = body?.safeParse(undefined).success
  return {
    requestParams: {
      ...(params instanceof z.ZodObject && { path: params }),
      ...(query instanceof z.ZodObject && { query }),
      ...(header && { header }),
    },
    ...(body && { requestBody: { required: !isOptional, content: { 'application/json': { schema: body } } } }),
  }
}

function responsesOf(route: Route): ZodOpenApiResponsesObject {
  const { status, response, errors = [], scope } = route
  const codes = new Set([
    ...COMMON_ERRORS,
    ...(scope === 'none' ? [] : GUARDED_ERRORS),
    ...bodyErrors(route),
    ...repetitionErrors(route),
    ...errors,
  ])
  const failures = Map.groupBy(codes, (code) => ERROR_STATUS[code])
  return {
    [`${status}`]: success(route, response),
    ...Object.fromEntries((route.alsoAnswers ?? []).map((other) => [`${other.status}`, success(route, other.response)])),
    ...Object.fromEntries(
      [...failures].map(([failure, names]) => [
        `${failure}`,
        {
          description: names.map((name) => `\`${name}\``).join(', '),
          content: { 'application/problem+json': { schema: COMPONENTS.Problem } },
        },
      ]),
    ),
  }
}

/** Another request under a known key. */
const repetitionErrors = ({ method, idempotency }: Route): readonly ErrorCode[] =>
  method === 'POST' && idempotency !== 'refused' ? ['conflict'] : []

const bodyErrors = (route: Route): readonly ErrorCode[] =>
  route.scope !== 'none' && route.body ? ['payload_too_large', 'unsupported_media_type'] : []

function success(route: Route, schema: z.ZodType) {
  const isEmpty = schema instanceof z.ZodUndefined
  return {
    description: isEmpty ? 'Done.' : route.summary,
    headers: responseHeaders(route),
    ...(!isEmpty && { content: { [route.contentType ?? 'application/json']: { schema } } }),
  }
}
