import type { LambdaFunctionURLEvent } from 'aws-lambda'
import * as z from 'zod'
import type { Credentials } from '#shared/access/authenticate.ts'
import { NotFoundError, ValidationError } from '#shared/platform/errors.ts'
import { MethodNotAllowedError } from '#shared/platform/method-not-allowed-error.ts'
import { parse } from '#shared/platform/parse.ts'
import { ALL_CHANNEL, agentChannel, channelSchema, executionChannel, topicChannel } from '#shared/protocol/channel.ts'
import { eventPatternSchema } from '#shared/protocol/lifecycle-event.ts'
import { idempotencyKeySchema } from '../doors/idempotency-key.ts'

/** How the caller wants its events. */
export type EventView = {
  /** As flat objects without a name, as an `EventSource` gives them to `onmessage`. */
  flat: boolean
  /** With as few events as say the same. */
  packed: boolean
  /** Facts of this type alone, or of the types that begin with it where it ends with a dot. */
  type?: string | undefined
}

/** `GET`: a channel to follow. */
export type FollowStream = {
  kind: 'follow'
  channel: string
  credentials: Credentials
  /** Last sequence that the caller has; undefined when it has said nothing. */
  after: number | undefined
  view: EventView
}

/** `POST`: an execution to run and to follow. */
export type RunStream = {
  kind: 'run'
  credentials: Credentials
  body: Pick<LambdaFunctionURLEvent, 'body' | 'isBase64Encoded' | 'headers'>
  idempotencyKey: string | undefined
  view: EventView
}

/** `OPTIONS`: what may be done here. */
export type Preflight = { kind: 'preflight'; methods: readonly string[] }

/** Paths by what they lead to. Those in the singular are for clients that know a plain `EventSource` alone: their events are flat. */
const PATHS: { path: RegExp; flat: boolean; channel(id: string, agent?: string): string }[] = [
  { path: /^\/streams\/executions\/([^/]+)$/, flat: false, channel: executionChannel },
  { path: /^\/streams\/topics\/([^/]+)$/, flat: false, channel: topicChannel },
  { path: /^\/streams\/events$/, flat: false, channel: (_, agent) => factChannel(agent) },
  { path: /^\/agent-stream\/([^/]+)$/, flat: true, channel: executionChannel },
  { path: /^\/stream\/topic\/([^/]+)$/, flat: true, channel: topicChannel },
  { path: /^\/stream\/events$/, flat: true, channel: (_, agent) => factChannel(agent) },
]
const RUN_PATH = '/streams/executions'

const factChannel = (agentId: string | undefined): string => (agentId === undefined ? ALL_CHANNEL : agentChannel(agentId))

const querySchema = z.object({
  view: z.enum(['sluice', 'flat']).optional(),
  snapshot: z.enum(['true', 'false']).optional(),
  type: eventPatternSchema.optional(),
  agent: z.string().optional(),
})

/** What makes a request repeatable. @throws ValidationError */
export const idempotencyKeyOf = ({ headers }: Pick<LambdaFunctionURLEvent, 'headers'>): string | undefined =>
  parse(idempotencyKeySchema.optional(), headers['idempotency-key'], 'header "Idempotency-Key"')

const CURSOR = /^(-1|\d{1,12})$/

/**
 * Reads a request. `Last-Event-ID`, which libraries send when they come back, takes precedence over `after`, which is still the one of their
 * first request; headers take precedence over the ticket in the address.
 *
 * @throws NotFoundError, ValidationError, or MethodNotAllowedError
 */
export function streamRequest(event: LambdaFunctionURLEvent): FollowStream | RunStream | Preflight {
  const { rawPath, headers, queryStringParameters: query = {} } = event
  const { http } = event.requestContext
  const { method } = http
  const found = PATHS.find(({ path }) => path.test(rawPath))
  if (!found && rawPath !== RUN_PATH) throw new NotFoundError('stream', rawPath)
  const allowed = found ? 'GET' : 'POST'
  if (method === 'OPTIONS') return { kind: 'preflight', methods: [allowed] }
  if (method !== allowed) throw new MethodNotAllowedError(method, [allowed])
  const { view, snapshot, type, agent } = parse(querySchema, query, 'query')
  const shared = {
    credentials: {
      authorization: headers['x-sluice-authorization'],
      apiKey: headers['x-api-key'],
      ticket: headers['x-sluice-ticket'] ?? query.ticket,
      address: http.sourceIp,
    },
    view: { flat: view === undefined ? found?.flat === true : view === 'flat', packed: snapshot === 'true', type },
  }
  if (!found) {
    return { ...shared, kind: 'run', body: event, idempotencyKey: idempotencyKeyOf(event) }
  }
  const [, id = ''] = found.path.exec(rawPath) ?? []
  const channel = found.channel(id, agent)
  // Ids need no escaping in a URL: one that is escaped is none of ours.
  if (!channelSchema.safeParse(channel).success) throw new NotFoundError('stream', rawPath)
  const after = cursor('Last-Event-ID', headers['last-event-id']) ?? cursor('after', query.after)
  return { ...shared, kind: 'follow', channel, after }
}

function cursor(name: string, value: string | undefined): number | undefined {
  if (!value) return undefined
  if (CURSOR.test(value)) return Number(value)
  throw new ValidationError(`"${name}" must be the sequence of the last event you have, or -1`, [
    { path: name, message: 'use a whole number from -1' },
  ])
}
