import { GraphQLError } from 'graphql'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'
import { toProblem } from '#shared/platform/problem.ts'

/**
 * Turns errors into what the caller sees: our code in their `extensions`, and nothing of what is not meant for the caller. Logs them as every
 * door does: our failures as errors, refusals as information.
 *
 * @param fields - what the log says about the request
 */
export const graphqlErrors =
  (log: Log, fields: Record<string, unknown>) =>
  (error: GraphQLError | Error): GraphQLError => {
    const thrown = thrownIn(error)
    const { nodes, source, positions, path } = error instanceof GraphQLError ? error : new GraphQLError(error.message)
    if (!thrown) {
      log.info('request_refused', { ...fields, code: 'validation_error' })
      const extensions = { code: 'validation_error', retryable: false }
      return new GraphQLError(error.message, { nodes, source, positions, path, extensions })
    }
    const cause = toSluiceError(fromAwsError(thrown, 'the service'))
    const { code, detail, provider, errors } = toProblem(cause)
    if (cause.status >= 500) log.error('request_failed', { ...fields, code, error: cause })
    else log.info('request_refused', { ...fields, code })
    const { retryable, retryAfterSeconds: retryAfter } = cause
    const extensions = {
      code,
      retryable,
      ...(retryAfter !== undefined && { retryAfter }),
      ...(provider && { provider }),
      ...(errors && { errors }),
    }
    return new GraphQLError(detail, { nodes, path, extensions })
  }

/**
 * What went wrong beneath what GraphQL says of it. Nothing, where it is the document that is wrong, or a variable, which graphql-js wraps once more:
 * the message says how.
 */
function thrownIn(error: Error | undefined): Error | undefined {
  return error instanceof GraphQLError ? thrownIn(error.originalError) : error
}
