import type { LambdaFunctionURLEvent } from 'aws-lambda'
import { OPEN_WARNING } from '#shared/access/open-warning.ts'
import type { Principal } from '#shared/access/principal.ts'
import { auditedPath } from '#shared/audit/audited-path.ts'
import { rateLimitHeaders } from '#shared/limits/rate-limit-headers.ts'
import { TenantClosedError } from '#shared/limits/tenant-gate.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { NotFoundError, toSluiceError } from '#shared/platform/errors.ts'
import { OPENAI_ALIAS } from '#shared/platform/names.ts'
import { problemHeaders, toProblem } from '#shared/platform/problem.ts'
import { requestIdOf } from '#shared/platform/request-id.ts'
import { corsHeaders, preflightHeaders } from '../doors/cors.ts'
import { takeRequest } from '../doors/take-request.ts'
import type { StreamDependencies } from './dependencies.ts'
import { openStream } from './open-stream.ts'
import type { Served } from './served.ts'
import { streamAnswer } from './stream-answer.ts'
import { streamRecord } from './stream-record.ts'
import { type FollowStream, streamRequest } from './stream-request.ts'
import type { StartResponse, StreamingHandler } from './streaming-handler.ts'
import { tailStream } from './tail-stream.ts'

/** Where all paths begin of clients that were made for OpenAI's API. */
const OPENAI_PATHS = '/openai/'

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
    const isOpenAi = event.rawPath.startsWith(OPENAI_PATHS)
    let work: Promise<unknown> | undefined
    const outlive = (begun: Promise<unknown>): void => {
      work = begun
    }
    const meet = async (principal: Principal): Promise<void> => {
      record.identify(principal)
      await takeRequest(principal, dependencies, (allowance) => Object.assign(headers, allowance && rateLimitHeaders(allowance)))
    }
    try {
      const served: Served = { answer, record, meet, outlive }
      if (isOpenAi) await (await import('./openai/serve-openai.ts')).serveOpenAi(dependencies, event, served)
      else {
        // What is signed for elsewhere is not there for whoever signs for nothing.
        if (context.invokedFunctionArn.endsWith(`:${OPENAI_ALIAS}`)) throw new NotFoundError('stream', event.rawPath)
        await serve(dependencies, event, served)
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
      if (writer) writer.breakOff(error)
      else if (isOpenAi) (await import('./openai/openai-error.ts')).refuse(answer, error)
      else {
        const problem = toProblem(error, asked)
        answer.respond({ statusCode: error.status, headers: problemHeaders(error) }, JSON.stringify(problem))
      }
    } finally {
      answer.end()
      await work
    }
  }
}

/** Gives every answer these headers too, as they are when it begins. */
const withHeaders =
  (startResponse: StartResponse, headers: Readonly<Record<string, string>>): StartResponse =>
  (response, head) =>
    startResponse(response, { ...head, headers: { ...head.headers, ...headers } })

async function serve(dependencies: StreamDependencies, event: LambdaFunctionURLEvent, served: Served): Promise<void> {
  const request = streamRequest(event)
  if (request.kind === 'preflight') {
    const headers = preflightHeaders(dependencies.corsOrigins, event.headers.origin, request.methods)
    served.answer.respond({ statusCode: 204, headers })
  } else if (request.kind === 'follow') await follow(dependencies, request, served)
  else {
    const [{ runStream }, direct] = await Promise.all([import('./run-stream.ts'), dependencies.direct()])
    await runStream(direct, dependencies, request, served)
  }
}

async function follow(dependencies: StreamDependencies, request: FollowStream, { answer, meet }: Served): Promise<void> {
  const { complete, ...stream } = await openStream(dependencies, request, meet)
  // The one answer after which an `EventSource` does not come back.
  if (complete) return answer.respond({ statusCode: 204, headers: { 'cache-control': 'no-store' } })
  const { writer, signal } = answer.begin({ ...stream, view: request.view })
  await tailStream(dependencies, writer, { ...stream, signal })
}
