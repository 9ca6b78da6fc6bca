import { GraphQLError } from 'graphql'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { type SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import { toProblem } from '#shared/platform/problem.ts'

/** What was thrown while a field was resolved; undefined when it is the document that is wrong. */
export const causeOf = ({ originalError }: GraphQLError): SluiceError | undefined =>
  originalError && toSluiceError(fromAwsError(originalError, 'the service'))

/** An error as the caller sees it: with our code in its `extensions`, and nothing of what is not meant for the caller. */
export function toShownError(error: GraphQLError): GraphQLError {
  const { nodes, source, positions, path } = error
  const cause = causeOf(error)
  if (!cause)
    return new GraphQLError(error.message, {
      nodes,
      source,
      positions,
      path,
      extensions: { code: 'validation_error', retryable: false },
    })
  const { code, detail, errors } = toProblem(cause)
  return new GraphQLError(detail, { nodes, path, extensions: { code, retryable: cause.retryable, ...(errors && { errors }) } })
}
