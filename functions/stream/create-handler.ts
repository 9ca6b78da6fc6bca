import { OPEN_WARNING } from '#shared/access/open-warning.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import { problemHeaders, toProblem } from '#shared/platform/problem.ts'
import type { StreamDependencies } from './dependencies.ts'
import { openStream } from './open-stream.ts'
import { type StreamAnswer, streamAnswer } from './stream-answer.ts'
import { type StreamRecord, streamRecord } from './stream-record.ts'
import { type FollowStream, streamRequest } from './stream-request.ts'
import type { StartResponse, StreamingHandler } from './streaming-handler.ts'
import { tailStream } from './tail-stream.ts'

/**
 * Streams the events of a channel to one caller, or runs an execution for it. Before the first byte an error is an answer; after it the caller
 * is told to come back.
 */
export function createHandler(doors: StreamDependencies): StreamingHandler {
  const dependencies = doors.openTenant === undefined ? doors : { ...doors, startResponse: warning(doors.startResponse) }
  return async (event, response, context) => {
    const answer = streamAnswer(dependencies, response, context)
    const record = streamRecord(dependencies, event, context.awsRequestId)
    try {
      const request = streamRequest(event)
      if (request.kind === 'follow') await follow(dependencies, request, { answer, record })
      else {
        const [{ runStream }, direct] = await Promise.all([import('./run-stream.ts'), dependencies.direct()])
        await runStream(direct, dependencies, request, { answer, record })
      }
    } catch (thrown) {
      const error = toSluiceError(fromAwsError(thrown, 'the service'))
      await record.refused({ status: error.status, code: error.code })
      if (answer.gone.aborted) return
      const fields = { requestId: context.awsRequestId, path: event.rawPath, code: error.code }
      if (error.status >= 500) dependencies.logger.error('request_failed', { ...fields, error })
      else dependencies.logger.info('request_refused', fields)
      const writer = answer.begun()
      if (writer) writer.reconnect()
      else {
        const problem = toProblem(error, context.awsRequestId)
        answer.respond({ statusCode: error.status, headers: problemHeaders(error) }, JSON.stringify(problem))
      }
    } finally {
      answer.end()
    }
  }
}

/** Says with every answer that authentication is off. */
const warning =
  (startResponse: StartResponse): StartResponse =>
  (response, head) =>
    startResponse(response, { ...head, headers: { ...head.headers, ...OPEN_WARNING } })

/** A request as it is served: its answer, and its record. */
type Served = { answer: StreamAnswer; record: StreamRecord }

async function follow(dependencies: StreamDependencies, request: FollowStream, { answer, record }: Served): Promise<void> {
  const { complete, ...stream } = await openStream(dependencies, request, record)
  // The one answer after which an `EventSource` does not come back.
  if (complete) return answer.respond({ statusCode: 204, headers: { 'cache-control': 'no-store' } })
  const { writer, signal } = answer.begin({ ...stream, view: request.view })
  await tailStream(dependencies, writer, { ...stream, signal })
}
