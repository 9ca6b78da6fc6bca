import type { LambdaFunctionURLEvent } from 'aws-lambda'
import { NotFoundError, SluiceError, ValidationError } from '#shared/platform/errors.ts'
import { type ChannelKind, channelSchema } from '#shared/protocol/channel.ts'

/** What a caller wants to follow. */
export type StreamRequest = {
  kind: ChannelKind
  id: string
  channel: string
  ticket: string | undefined
  /** Last sequence that the caller has; undefined when it has said nothing. */
  after: number | undefined
}

const PATH = /^\/streams\/(executions|topics)\/([^/]+)$/
const CURSOR = /^(-1|\d{1,12})$/

/**
 * Reads `GET /streams/{executions|topics}/{id}?ticket=&after=`. `Last-Event-ID`, which libraries send when they come back, takes
 * precedence over `after`, which is still the one of their first request.
 *
 * @throws NotFoundError, ValidationError, or SluiceError `method_not_allowed`
 */
export function streamRequest(event: LambdaFunctionURLEvent): StreamRequest {
  const [, collection, id = ''] = PATH.exec(event.rawPath) ?? []
  const kind = collection === 'topics' ? 'topic' : 'execution'
  const channel = `${kind}:${id}`
  // Ids need no escaping in a URL: one that is escaped is none of ours.
  if (!collection || !channelSchema.safeParse(channel).success) throw new NotFoundError('stream', event.rawPath)
  if (event.requestContext.http.method !== 'GET') throw new SluiceError('method_not_allowed', 'streams answer GET only')
  const query = event.queryStringParameters ?? {}
  const after = cursor('Last-Event-ID', event.headers['last-event-id']) ?? cursor('after', query.after)
  return { kind, id, channel, ticket: query.ticket, after }
}

function cursor(name: string, value: string | undefined): number | undefined {
  if (!value) return undefined
  if (CURSOR.test(value)) return Number(value)
  throw new ValidationError(`"${name}" must be the sequence of the last event you have, or -1`, [
    { path: name, message: 'use a whole number from -1' },
  ])
}
