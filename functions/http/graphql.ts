import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { createHandler } from 'graphql-http'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { auditedFields } from '#shared/graphql/audited-fields.ts'
import type { GraphqlContext } from '#shared/graphql/graphql-context.ts'
import type { GraphqlRequest } from '#shared/graphql/graphql-request.ts'
import { readOperation } from '#shared/graphql/read-operation.ts'
import { graphqlErrors } from '#shared/graphql/shown-error.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { callOf } from './audit-requests.ts'
import type { HttpDependencies } from './dependencies.ts'
import type { Answer } from './route.ts'

/** Largest answer, in bytes: a function answers with 6 MB at the most. */
const MAX_ANSWER_BYTES = 5 * 1024 * 1024

/**
 * Answers a query or a mutation, as the specification of GraphQL over HTTP has it: what is wrong with the document, or with a field, stands in
 * the answer's `errors`.
 *
 * @throws SluiceError `payload_too_large` when the answer would be
 */
export async function answerGraphql(
  event: APIGatewayProxyEventV2,
  request: GraphqlRequest,
  { principal, dependencies }: { principal: VerifiedPrincipal; dependencies: HttpDependencies },
): Promise<Answer> {
  const { requestId, http } = event.requestContext
  const handle = createHandler<APIGatewayProxyEventV2, undefined, GraphqlContext>({
    onSubscribe() {
      const operation = readOperation(request)
      if (operation.result === 'refused') return operation.errors
      return { ...operation.args, contextValue: { principal, dependencies } }
    },
    async onOperation(_request, args, { errors }) {
      const call = (field: string) => ({ ...callOf(event, field), door: 'graphql' }) as const
      await Promise.all(auditedFields(args, errors).map(({ field, end }) => dependencies.audit(call(field), end)))
    },
    formatError: graphqlErrors(dependencies.log, { requestId, method: http.method, path: http.path }),
  })
  const [text, { status, headers = {} }] = await handle({
    method: http.method,
    url: event.rawPath,
    headers: event.headers,
    body: request,
    raw: event,
    context: undefined,
  })
  if (text !== null && Buffer.byteLength(text) > MAX_ANSWER_BYTES)
    throw new SluiceError('payload_too_large', `the answer is larger than ${MAX_ANSWER_BYTES} bytes: ask for less at once`)
  return { status, headers, text: text ?? undefined }
}
