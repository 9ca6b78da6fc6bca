import * as z from 'zod'
import { authenticate } from '#shared/access/authenticate.ts'
import { graphqlRequestSchema } from '#shared/graphql/graphql-request.ts'
import { parse } from '#shared/platform/parse.ts'
import { readJsonBody } from '../read-json-body.ts'
import type { Route } from '../route.ts'

/** Largest request, in bytes of UTF-8. What is larger goes through REST. */
const MAX_REQUEST_BYTES = 100 * 1024

/** Each field asks for the scopes that it needs. The library is loaded with the first request. */
export const GRAPHQL_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/graphql',
    scope: 'any',
    status: 200,
    body: graphqlRequestSchema,
    maxBodyBytes: MAX_REQUEST_BYTES,
    response: z.object({ data: z.unknown().optional(), errors: z.array(z.unknown()).optional() }),
    async run(event, dependencies) {
      const principal = await authenticate({ authorization: event.headers.authorization }, dependencies)
      const request = parse(graphqlRequestSchema, readJsonBody(event, MAX_REQUEST_BYTES), 'request body')
      const { answerGraphql } = await import('../graphql.ts')
      return answerGraphql(event, request, { principal, dependencies })
    },
  },
]
