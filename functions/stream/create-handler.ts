import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { type SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import { problemHeaders, toProblem } from '#shared/platform/problem.ts'
import { type FollowRequest, followStream } from '#shared/streams/follow-stream.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import type { StreamDependencies } from './dependencies.ts'
import { openStream } from './open-stream.ts'
import { HEARTBEAT, serverSentEvent } from './server-sent-event.ts'
import { streamRequest } from './stream-request.ts'
import type { ResponseHead, StreamingHandler } from './streaming-handler.ts'

/** Longest silence on a connection, in milliseconds. */
const HEARTBEAT_MS = 15_000
/** How long before the function's own end a stream is ended in order, in milliseconds. The client comes back with its cursor. */
const MARGIN_MS = 5_000

const EVENT_STREAM: ResponseHead = {
  statusCode: 200,
  headers: {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-content-type-options': 'nosniff',
  },
}

/** Streams the events of an execution or a topic to one caller. Before the first byte an error is an answer; after it the stream ends. */
export function createHandler(dependencies: StreamDependencies): StreamingHandler {
  const { startResponse, streamLog, logger } = dependencies
  return async (event, response, context) => {
    const signal = endOfStream(response, context.getRemainingTimeInMillis() - MARGIN_MS)
    let body: Writable | undefined
    try {
      const source = await openStream(dependencies, streamRequest(event))
      body = startResponse(response, EVENT_STREAM)
      await writeEvents(body, streamLog, { ...source, quietMs: HEARTBEAT_MS, signal })
    } catch (thrown) {
      if (signal.aborted) return
      const error = toSluiceError(fromAwsError(thrown, 'the service'))
      const fields = { requestId: context.awsRequestId, path: event.rawPath, code: error.code }
      if (error.status >= 500) logger.error('request_failed', { ...fields, error })
      else logger.info('request_refused', fields)
      if (!body) {
        body = startResponse(response, { statusCode: error.status, headers: problemHeaders(error) })
        body.write(problemText(error, context.awsRequestId))
      }
    } finally {
      const written = body ?? response
      written.end()
    }
  }
}

/** Aborts when the caller has gone away, and when the time is up. */
function endOfStream(response: Writable, milliseconds: number): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  response.once('error', () => gone.abort())
  return AbortSignal.any([gone.signal, AbortSignal.timeout(Math.max(0, milliseconds))])
}

async function writeEvents(body: Writable, log: StreamLog, request: FollowRequest): Promise<void> {
  const write = async (text: string): Promise<void> => {
    if (!body.write(text)) await once(body, 'drain', { signal: request.signal })
  }
  await write(HEARTBEAT)
  for await (const events of followStream(log, request)) {
    await write(events.length === 0 ? HEARTBEAT : events.map(serverSentEvent).join(''))
  }
}

const problemText = (error: SluiceError, requestId: string): string => JSON.stringify(toProblem(error, requestId))
