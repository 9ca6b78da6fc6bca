import * as z from 'zod'
import { graphqlRequestSchema } from '#shared/graphql/graphql-request.ts'
import { type Route, route } from '../route.ts'

/** Largest request, in bytes of UTF-8. What is larger goes through REST. */
const MAX_REQUEST_BYTES = 100 * 1024

const graphqlAnswerSchema = z.object({ data: z.unknown().optional(), errors: z.array(z.unknown()).optional() })

/** Each field asks for the scopes that it needs. The library is loaded with the first request. */
export const GRAPHQL_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/graphql',
    operation: 'graphql',
    summary: 'Queries and mutations in GraphQL',
    tag: 'Executions',
    scope: 'any',
    status: 200,
    body: graphqlRequestSchema,
    maxBodyBytes: MAX_REQUEST_BYTES,
    audited: 'refusals',
    response: graphqlAnswerSchema,
    // A document that is no GraphQL, or does not fit the schema.
    alsoAnswers: [{ status: 400, response: graphqlAnswerSchema }],
    async handle({ event, principal, body }, dependencies) {
      const { answerGraphql } = await import('../graphql.ts')
      return answerGraphql(event, body, { principal, dependencies })
    },
  }),
]
