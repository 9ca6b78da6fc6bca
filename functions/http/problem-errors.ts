import type middy from '@middy/core'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { auditedPath } from '#shared/audit/audited-path.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'
import { problemHeaders, toProblem } from '#shared/platform/problem.ts'
import { factsOf } from './request-facts.ts'
import { jsonResponse } from './response.ts'

/**
 * Middleware that answers whatever was thrown as a problem, and logs it: our failures as errors, refusals as information. Of a path the log has what is
 * no secret by its looks: a caller may have put a key where an id belongs.
 */
export function problemErrors(log: Log): middy.MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return {
    onError: (request) => {
      const error = toSluiceError(fromAwsError(request.error, 'the service'))
      const { requestId } = factsOf(request.event)
      const { http } = request.event.requestContext
      const asked = { requestId, path: auditedPath(http.path) }
      const fields = { ...asked, method: http.method, code: error.code }
      if (error.status >= 500) log.error('request_failed', { ...fields, error })
      else log.info('request_refused', fields)
      request.response = jsonResponse(error.status, toProblem(error, asked), problemHeaders(error))
    },
  }
}
