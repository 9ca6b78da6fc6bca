import type { Scope } from '#shared/access/principal.ts'
import { requireScope } from '#shared/access/require-scope.ts'
import { executionLinks } from '#shared/executions/execution-view.ts'
import { submitExecution } from '#shared/executions/submit-execution.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { NotFoundError, SluiceError, UnauthorizedError } from '#shared/platform/errors.ts'
import { newId } from '#shared/platform/ids.ts'
import { parse, parseJson } from '#shared/platform/parse.ts'
import { type ChannelKind, executionChannel, parseChannel, topicChannel } from '#shared/protocol/channel.ts'
import { SOCKET_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import { type ClientFrame, clientFrameSchema, type ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { Connection } from '#shared/streams/connection-store.ts'
import { encodeFrame } from '#shared/streams/event-frames.ts'
import { postPatiently } from '#shared/streams/post-patiently.ts'
import { type SubscribeRequest, subscribe } from '#shared/streams/subscribe.ts'
import type { SocketDependencies } from './dependencies.ts'
import { refusal } from './refusal.ts'

type Incoming = { dependencies: SocketDependencies; connection: Connection; signal: AbortSignal }
type FrameOf<Type extends ClientFrame['message_type']> = Extract<ClientFrame, { message_type: Type }>

/**
 * `$default`: handles one frame of a client. Its answers are posted to the socket; whatever goes wrong is an `error` frame.
 *
 * @param signal - aborts shortly before the invocation ends
 */
export async function receive(
  dependencies: SocketDependencies,
  connectionId: string,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const connection = await dependencies.connections.get(connectionId)
  if (!connection) return dependencies.poster.close(connectionId)
  const incoming = { dependencies, connection, signal }
  await greet(incoming)
  let responseTo: string | undefined
  try {
    const json = parseJson(body, 'frame')
    responseTo = frameId(json)
    requireValidToken(incoming)
    await handle(incoming, parse(clientFrameSchema, json, 'frame'))
  } catch (thrown) {
    const error = refusal(dependencies.logger, connectionId, thrown)
    const detail = error.expose ? error.message : 'an internal error'
    await reply(incoming, {
      message_type: 'error',
      response_to: responseTo,
      payload: { code: error.code, detail, retryable: error.retryable },
    })
    // The client comes back with a new ticket.
    if (error.code === 'unauthorized') await dependencies.poster.close(connectionId)
  }
}

/** A socket outlives its handshake by hours: what opened it is checked with every frame. */
function requireValidToken({ dependencies, connection }: Incoming): void {
  if (connection.principal.expiresAt > dependencies.clock.now()) return
  throw new UnauthorizedError('the access token of this connection has expired; connect again with a new ticket')
}

/** API Gateway cannot post before `$connect` has answered, so the greeting goes out with the first frame. */
async function greet(incoming: Incoming): Promise<void> {
  const { connections, clock } = incoming.dependencies
  const { connectionId, greeted } = incoming.connection
  if (greeted || !(await connections.greet(connectionId))) return
  const payload = { connectionId, protocol: SOCKET_SUBPROTOCOL, time: timestamp(clock) }
  await reply(incoming, { message_type: 'connection_established', payload })
}

async function handle(incoming: Incoming, frame: ClientFrame): Promise<void> {
  switch (frame.message_type) {
    case 'ping':
      return pong(incoming, frame)
    case 'subscribe':
      return follow(incoming, frame)
    case 'unsubscribe':
      return unfollow(incoming, frame)
    case 'agent_request':
      return request(incoming, frame)
    case 'cancel':
      return cancel(incoming, frame)
  }
}

const pong = (incoming: Incoming, { id }: FrameOf<'ping'>): Promise<void> =>
  reply(incoming, { message_type: 'pong', response_to: id, payload: { time: timestamp(incoming.dependencies.clock) } })

async function follow(incoming: Incoming, { id, payload }: FrameOf<'subscribe'>): Promise<void> {
  const channel = channelOf(payload)
  await checkAccess(incoming, channel)
  await startSubscription(incoming, { channel, after: payload.after, responseTo: id })
}

async function unfollow(incoming: Incoming, { id, payload }: FrameOf<'unsubscribe'>): Promise<void> {
  const { connectionId, principal } = incoming.connection
  const channel = channelOf(payload)
  await incoming.dependencies.subscriptions.remove({ tenant: principal.tenant, channel }, connectionId)
  await reply(incoming, { message_type: 'unsubscription_confirmed', response_to: id, payload: { channel } })
}

async function request(incoming: Incoming, { id, payload }: FrameOf<'agent_request'>): Promise<void> {
  const { dependencies, connection } = incoming
  requireScope(connection.principal, 'executions:write')
  if (payload.subscribe !== false) requireScope(connection.principal, 'executions:read')
  const { idempotencyKey, subscribe, ...asked } = payload
  const { executionId, status } = await submitExecution(dependencies, connection.principal, asked, { idempotencyKey })
  const accepted = { executionId, status, links: executionLinks(executionId) }
  await reply(incoming, { message_type: 'agent_request_accepted', response_to: id, payload: accepted })
  if (subscribe === false) return
  await startSubscription(incoming, { channel: executionChannel(executionId), responseTo: id, answer: { responseTo: id } })
}

async function cancel(incoming: Incoming, { id, payload: { executionId } }: FrameOf<'cancel'>): Promise<void> {
  const { dependencies, connection } = incoming
  requireScope(connection.principal, 'executions:write')
  // Hardly any frame cancels: what that takes is not loaded with every function.
  const { cancelExecution } = await import('#shared/executions/cancel-execution.ts')
  const { status } = await cancelExecution(dependencies, { tenant: connection.principal.tenant, executionId })
  await reply(incoming, { message_type: 'cancel_accepted', response_to: id, payload: { executionId, status } })
}

type Start = { channel: string; answer?: { responseTo?: string | undefined } } & Pick<SubscribeRequest, 'after' | 'responseTo'>

async function startSubscription({ dependencies, connection, signal }: Incoming, start: Start): Promise<void> {
  const { channel, answer, after, responseTo } = start
  const ref = { tenant: connection.principal.tenant, channel }
  const subscription = { connectionId: connection.connectionId, subscriptionId: newId(), answer }
  const result = await subscribe(dependencies, { ref, subscription, after, responseTo, signal })
  if (result === 'behind') throw new SluiceError('timeout', `the replay of ${channel} took too long; subscribe with your cursor`)
}

/** What a channel tells, and so the scopes that it takes. */
const CHANNEL_SCOPES: Record<ChannelKind, readonly Scope[]> = {
  execution: ['executions:read'],
  topic: ['topics:read'],
  agent: ['agents:read', 'executions:read'],
  all: ['agents:read', 'executions:read'],
}

/** A channel exists for a principal when what it is about is in its tenant and its scopes allow to read it. */
async function checkAccess({ dependencies, connection }: Incoming, channel: string): Promise<void> {
  const { principal } = connection
  const { tenant } = principal
  const { kind, id } = parseChannel(channel)
  for (const scope of CHANNEL_SCOPES[kind]) requireScope(principal, scope)
  if (kind === 'execution' && !(await dependencies.executions.get({ tenant, executionId: id })))
    throw new NotFoundError('execution', id)
  if (kind === 'agent' && !(await dependencies.agents.get(tenant, id))) throw new NotFoundError('agent', id)
}

const channelOf = ({ channel, topic }: { channel?: string | undefined; topic?: string | undefined }): string =>
  channel ?? topicChannel(topic ?? '')

/** The client's name of a frame, for the answer to a frame that is not valid otherwise. */
function frameId(json: unknown): string | undefined {
  const id = typeof json === 'object' && json !== null && 'id' in json ? json.id : undefined
  return typeof id === 'string' && id.length > 0 && id.length <= 128 ? id : undefined
}

async function reply({ dependencies, connection, signal }: Incoming, frame: ServerFrame): Promise<void> {
  await postPatiently(dependencies.poster, connection.connectionId, encodeFrame(frame), { signal })
}
