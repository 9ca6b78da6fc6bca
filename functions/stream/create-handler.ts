import { OPEN_WARNING } from '#shared/access/open-warning.ts'
import type { Principal } from '#shared/access/principal.ts'
import { auditedPath } from '#shared/audit/audited-path.ts'
import { rateLimitHeaders } from '#shared/limits/rate-limit-headers.ts'
import { TenantClosedError } from '#shared/limits/tenant-gate.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import { problemHeaders, toProblem } from '#shared/platform/problem.ts'
import { requestIdOf } from '#shared/platform/request-id.ts'
import { corsHeaders, preflightHeaders } from '../doors/cors.ts'
import { takeRequest } from '../doors/take-request.ts'
import type { StreamDependencies } from './dependencies.ts'
import { type MeetCaller, openStream } from './open-stream.ts'
import { type StreamAnswer, streamAnswer } from './stream-answer.ts'
import { streamRecord } from './stream-record.ts'
import { type FollowStream, streamRequest } from './stream-request.ts'
import type { StartResponse, StreamingHandler } from './streaming-handler.ts'
import { tailStream } from './tail-stream.ts'

/**
 * Streams the events of a channel to one caller, or runs an execution for it. Before the first byte an error is an answer; after it the caller
 * is told to come back.
 */
export function createHandler(doors: StreamDependencies): StreamingHandler {
  const dependencies =
    doors.openTenant === undefined ? doors : { ...doors, startResponse: withHeaders(doors.startResponse, OPEN_WARNING) }
  return async (event, response, context) => {
    const { corsOrigins } = dependencies
    const { origin, 'x-request-id': givenId } = event.headers
    const requestId = requestIdOf(givenId, context.awsRequestId)
    const headers: Record<string, string> = { 'x-request-id': requestId, ...corsHeaders(corsOrigins, origin) }
    const startResponse = withHeaders(dependencies.startResponse, headers)
    const answer = streamAnswer({ ...dependencies, startResponse }, response, context)
    const record = streamRecord(dependencies, event, requestId)
    const meet = async (principal: Principal): Promise<void> => {
      record.identify(principal)
      await takeRequest(principal, dependencies, (allowance) => Object.assign(headers, allowance && rateLimitHeaders(allowance)))
    }
    try {
      const request = streamRequest(event)
      if (request.kind === 'preflight')
        answer.respond({ statusCode: 204, headers: preflightHeaders(corsOrigins, origin, request.methods) })
      else if (request.kind === 'follow') await follow(dependencies, request, { answer, meet })
      else {
        const [{ runStream }, direct] = await Promise.all([import('./run-stream.ts'), dependencies.direct()])
        await runStream(direct, dependencies, request, { answer, record, meet })
      }
    } catch (thrown) {
      const error = toSluiceError(fromAwsError(thrown, 'the service'))
      // Whose data is erased has no records any more.
      if (!(thrown instanceof TenantClosedError)) await record.refused({ status: error.status, code: error.code })
      if (answer.gone.aborted) return
      const asked = { requestId, path: auditedPath(event.rawPath) }
      const fields = { ...asked, awsRequestId: context.awsRequestId, code: error.code }
      if (error.status >= 500) dependencies.logger.error('request_failed', { ...fields, error })
      else dependencies.logger.info('request_refused', fields)
      const writer = answer.begun()
      if (writer) writer.reconnect()
      else {
        const problem = toProblem(error, asked)
        answer.respond({ statusCode: error.status, headers: problemHeaders(error) }, JSON.stringify(problem))
      }
    } finally {
      answer.end()
    }
  }
}

/** Gives every answer these headers too, as they are when it begins. */
const withHeaders =
  (startResponse: StartResponse, headers: Readonly<Record<string, string>>): StartResponse =>
  (response, head) =>
    startResponse(response, { ...head, headers: { ...head.headers, ...headers } })

/** A request as it is served: its answer, and who is told of its caller. */
type Served = { answer: StreamAnswer; meet: MeetCaller }

async function follow(dependencies: StreamDependencies, request: FollowStream, { answer, meet }: Served): Promise<void> {
  const { complete, ...stream } = await openStream(dependencies, request, meet)
  // The one answer after which an `EventSource` does not come back.
  if (complete) return answer.respond({ statusCode: 204, headers: { 'cache-control': 'no-store' } })
  const { writer, signal } = answer.begin({ ...stream, view: request.view })
  await tailStream(dependencies, writer, { ...stream, signal })
}
