import * as z from 'zod'
import type { Credentials } from '#shared/access/authenticate.ts'
import { NotFoundError, ValidationError } from '#shared/platform/errors.ts'
import { parse } from '#shared/platform/parse.ts'
import { executionChannel, topicChannel } from '#shared/protocol/channel.ts'
import { agentIdSchema, executionIdSchema } from '#shared/protocol/identifiers.ts'
import { GRAPHQL_SUBPROTOCOL, SOCKET_SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '#shared/protocol/limits.ts'
import type { Connection, Opening } from '#shared/streams/connection-store.ts'

/** Topics that a connection follows from its start, by the endpoint that its address names. */
export type Endpoints = Readonly<Record<string, readonly string[]>>

type Texts = Record<string, string | undefined>

/** What a client asks for when it connects. */
export type Handshake = Pick<Connection, 'protocol' | 'view' | 'agentId' | 'opening'> & {
  credentials: Credentials
  /** Subprotocol to answer with; none when ours were not offered. */
  echo: Connection['protocol'] | undefined
  /** It says who it is in its first frames. */
  mayComeUnknown: boolean
}

const querySchema = z
  .object({
    ticket: z.string().optional(),
    auth: z.literal('frame', 'the only other way is "frame"').optional(),
    endpoint: z.string().optional(),
    executionId: executionIdSchema.optional(),
    after: z
      .string()
      .regex(/^(-1|\d{1,15})$/, 'use the last sequence that you have, or -1')
      .transform(Number)
      .optional(),
    view: z.literal('flat', 'the only other view is "flat"').optional(),
    agent: agentIdSchema.optional(),
  })
  .refine(({ after, executionId }) => after === undefined || executionId !== undefined, 'a cursor needs its "executionId"')

/**
 * Reads the handshake of a connection.
 *
 * @throws ValidationError, NotFoundError for an endpoint that nobody declared
 */
export function readHandshake(headers: Texts, query: Texts, endpoints: Endpoints): Handshake {
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const offered = (named['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  const echo = offered.find((name) => name === SOCKET_SUBPROTOCOL || name === GRAPHQL_SUBPROTOCOL)
  const ticket = offered.find((name) => name.startsWith(TICKET_SUBPROTOCOL_PREFIX))?.slice(TICKET_SUBPROTOCOL_PREFIX.length)
  const asked = parse(querySchema, query, 'query')
  const credentials = { authorization: named.authorization, apiKey: named['x-api-key'], ticket: ticket ?? asked.ticket }
  const opening = [...openingOf(asked.endpoint, endpoints), ...followedExecution(asked)]
  if (echo === GRAPHQL_SUBPROTOCOL && opening.length > 0)
    throw new ValidationError('in GraphQL, what a connection follows is subscribed to')
  const hasCredentials = Object.values(credentials).some((shown) => shown !== undefined)
  return {
    credentials,
    echo,
    mayComeUnknown: !hasCredentials && (asked.auth === 'frame' || echo === GRAPHQL_SUBPROTOCOL),
    protocol: echo ?? SOCKET_SUBPROTOCOL,
    view: asked.view && { kind: asked.view },
    agentId: asked.agent,
    opening,
  }
}

function openingOf(endpoint: string | undefined, endpoints: Endpoints): Opening[] {
  if (endpoint === undefined) return []
  const topics = Object.hasOwn(endpoints, endpoint) ? endpoints[endpoint] : undefined
  if (!topics) throw new NotFoundError('endpoint', endpoint)
  return topics.map((topic) => ({ channel: topicChannel(topic) }))
}

const followedExecution = ({
  executionId,
  after,
}: {
  executionId?: string | undefined
  after?: number | undefined
}): Opening[] => (executionId === undefined ? [] : [{ channel: executionChannel(executionId), after }])
