import { requireLive } from '#shared/access/authenticate.ts'
import { requireScope } from '#shared/access/require-scope.ts'
import type { Origin } from '#shared/audit/auditor.ts'
import { executionLinks } from '#shared/executions/execution-view.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { parse, parseJson } from '#shared/platform/parse.ts'
import { executionChannel, topicChannel } from '#shared/protocol/channel.ts'
import { GRAPHQL_SUBPROTOCOL, MAX_CLIENT_FRAME_BYTES } from '#shared/protocol/limits.ts'
import { type AgentQuery, type ClientFrame, clientFrameSchema } from '#shared/protocol/socket-frame.ts'
import { greetConnection } from '#shared/streams/greet-connection.ts'
import { type Following, openSubscription } from '#shared/streams/open-subscription.ts'
import { checkAccess } from './check-access.ts'
import type { SocketDependencies } from './dependencies.ts'
import { frameRecord, isRecorded } from './frame-record.ts'
import { type Incoming, isOver, type KnownIncoming, reply, requireIdentity, requireTime } from './incoming.ts'
import { refusal } from './refusal.ts'

type FrameOf<Type extends ClientFrame['message_type']> = Extract<ClientFrame, { message_type: Type }>

/** A frame, and whose. */
export type ReceivedFrame = { connectionId: string; body: string; origin: Origin }

/**
 * `$default`: handles one frame of a client. Its answers are posted to the socket; whatever goes wrong is an `error` frame.
 *
 * @param signal - aborts shortly before the invocation ends
 */
export async function receive(
  dependencies: SocketDependencies,
  { connectionId, body, origin }: ReceivedFrame,
  signal: AbortSignal,
): Promise<void> {
  const connection = await dependencies.connections.get(connectionId)
  if (!connection) return dependencies.poster.close(connectionId)
  const record = frameRecord(dependencies, connection, origin)
  const incoming: Incoming = { dependencies, connection, signal, origin, record }
  if (connection.protocol === GRAPHQL_SUBPROTOCOL) {
    const { receiveGraphql } = await import('./graphql.ts')
    return receiveGraphql(incoming, body)
  }
  // API Gateway cannot post before `$connect` has answered, so the greeting goes out with the first frame.
  await greetConnection(dependencies, connection, { signal })
  let responseTo: string | undefined
  let type: string | undefined
  try {
    requireSize(body)
    const json = parseJson(body, 'frame')
    responseTo = frameId(json)
    type = textOf(json, 'message_type')
    // Who may not speak learns nothing about what could be said.
    if (type === 'authenticate') requireTime(incoming)
    else await requireLive(requireIdentity(incoming).connection.principal, dependencies)
    await handle(incoming, parse(clientFrameSchema, json, 'frame'))
  } catch (thrown) {
    const error = refusal(dependencies.logger, connectionId, thrown)
    const { code, status } = error
    if (isRecorded(type, status, thrown)) await record.once({ action: actionOf(type) }, { status, code })
    const detail = error.expose ? error.message : 'an internal error'
    const { retryable, retryAfterSeconds: retryAfter } = error
    const payload = { code, detail, retryable, ...(retryAfter !== undefined && { retryAfter }) }
    await reply(incoming, { message_type: 'error', response_to: responseTo, payload })
    // The client comes back with a new ticket.
    const isStranger = !connection.principal && type === 'authenticate' && !error.retryable
    if (isStranger || isOver(incoming)) await dependencies.poster.close(connectionId)
  }
}

/** Frames load what they alone take when they come: most connections only follow. */
async function handle(incoming: Incoming, frame: ClientFrame): Promise<void> {
  if (frame.message_type === 'authenticate') return authenticate(incoming, frame)
  const known = requireIdentity(incoming)
  switch (frame.message_type) {
    case 'ping':
      return pong(known, frame)
    case 'subscribe':
      return follow(known, frame)
    case 'unsubscribe':
      return unfollow(known, frame)
    case 'agent_request':
      return request(known, frame)
    case 'cancel':
      return cancel(known, frame)
    case 'approval_decision': {
      const { receiveDecision } = await import('./receive-decision.ts')
      return receiveDecision(known, frame)
    }
  }
}

async function authenticate(incoming: Incoming, { id, payload }: FrameOf<'authenticate'>): Promise<void> {
  const { authenticateConnection } = await import('./authenticate-connection.ts')
  const { ticket, token } = payload
  const credentials = token === undefined ? { ticket } : { authorization: `Bearer ${token}` }
  const { connectionId, principal } = await authenticateConnection(incoming, credentials)
  const expiresAt = new Date(principal.expiresAt).toISOString()
  await reply(incoming, { message_type: 'authenticated', response_to: id, payload: { connectionId, expiresAt } })
}

const pong = (incoming: Incoming, { id }: FrameOf<'ping'>): Promise<void> =>
  reply(incoming, { message_type: 'pong', response_to: id, payload: { time: timestamp(incoming.dependencies.clock) } })

async function follow(incoming: KnownIncoming, { id, payload }: FrameOf<'subscribe'>): Promise<void> {
  const { dependencies, connection } = incoming
  const { after, snapshot } = payload
  const channel = channelOf(payload)
  await checkAccess(dependencies, connection.principal, channel)
  await startSubscription(incoming, { channel, after, responseTo: id, ...(snapshot && { packed: true }) })
}

async function unfollow({ dependencies, ...incoming }: KnownIncoming, { id, payload }: FrameOf<'unsubscribe'>): Promise<void> {
  const { connectionId, principal } = incoming.connection
  const channel = channelOf(payload)
  const noted = await dependencies.connections.removeSubscription(connectionId, { channel })
  await dependencies.subscriptions.remove(noted ?? { tenant: principal.tenant, channel }, { connectionId })
  const confirmation = { message_type: 'unsubscription_confirmed', response_to: id, payload: { channel } } as const
  await reply({ dependencies, ...incoming }, confirmation)
}

async function request(incoming: KnownIncoming, { id, payload }: FrameOf<'agent_request'>): Promise<void> {
  const { dependencies, connection } = incoming
  const { principal } = connection
  const { rateLimiter, quotas } = await dependencies.limits()
  await rateLimiter.take(principal)
  requireScope(principal, 'executions:write')
  if (payload.subscribe !== false) requireScope(principal, 'executions:read')
  const { idempotencyKey, subscribe, ...asked } = payload
  const wanted = 'query' in asked ? await queried(incoming, asked) : asked
  if (wanted.callbackUrl !== undefined) {
    const { allowedUrl } = await import('#shared/platform/allowed-url.ts')
    allowedUrl(wanted.callbackUrl, dependencies.allowPrivateCallbacks)
  }
  const { submitExecution } = await import('#shared/executions/submit-execution.ts')
  const { executionId, status } = await submitExecution({ ...dependencies, quotas }, principal, wanted, { idempotencyKey })
  const links = executionLinks(executionId)
  const accepted = { executionId, status, links }
  const recorded = incoming.record.once(
    { action: 'agent_request', resource: links.self, request: payload },
    { status: 202, after: accepted },
  )
  const acceptance = { message_type: 'agent_request_accepted', response_to: id, payload: accepted } as const
  // Both take a call of their own, and neither waits for the other.
  try {
    await reply(incoming, acceptance)
  } finally {
    await recorded
  }
  if (subscribe === false) return
  await startSubscription(incoming, { channel: executionChannel(executionId), responseTo: id, answer: { responseTo: id } })
}

async function queried({ dependencies, connection }: KnownIncoming, asked: AgentQuery) {
  const { requestOfQuery } = await import('./request-of-query.ts')
  return requestOfQuery(dependencies, connection.principal.tenant, asked, connection.agentId)
}

async function cancel(incoming: KnownIncoming, { id, payload: { executionId } }: FrameOf<'cancel'>): Promise<void> {
  const { dependencies, connection } = incoming
  const { rateLimiter } = await dependencies.limits()
  await rateLimiter.take(connection.principal)
  requireScope(connection.principal, 'executions:write')
  const { cancelExecution } = await import('#shared/executions/cancel-execution.ts')
  const { status } = await cancelExecution(dependencies, { tenant: connection.principal.tenant, executionId })
  await incoming.record.once({ action: 'cancel', resource: executionLinks(executionId).self }, { status: 202 })
  await reply(incoming, { message_type: 'cancel_accepted', response_to: id, payload: { executionId, status } })
}

async function startSubscription({ dependencies, connection, signal }: KnownIncoming, start: Omit<Following, 'signal'>) {
  const result = await openSubscription(dependencies, connection, { ...start, signal })
  if (result !== 'behind') return
  throw new SluiceError('timeout', `the replay of ${start.channel} took too long; subscribe with your cursor`)
}

function requireSize(body: string): void {
  if (Buffer.byteLength(body) <= MAX_CLIENT_FRAME_BYTES) return
  throw new SluiceError('payload_too_large', `a frame has ${MAX_CLIENT_FRAME_BYTES} bytes at the most`)
}

const channelOf = ({ channel, topic }: { channel?: string | undefined; topic?: string | undefined }): string =>
  channel ?? topicChannel(topic ?? '')

/** Whatever a client may write there, an action is one of ours. */
const FRAME_TYPES = new Set<string>(clientFrameSchema.options.map(({ shape }) => shape.message_type.value))
const actionOf = (type = ''): string => (FRAME_TYPES.has(type) ? type : 'unknown')

function textOf(json: unknown, field: string): string | undefined {
  const value = typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[field] : undefined
  return typeof value === 'string' ? value : undefined
}

/** The client's name of a frame, for the answer to a frame that is not valid otherwise. */
function frameId(json: unknown): string | undefined {
  const id = textOf(json, 'id')
  return id !== undefined && id.length > 0 && id.length <= 128 ? id : undefined
}
