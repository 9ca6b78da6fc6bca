import { type Message, MessageType, type SubscribeMessage, stringifyMessage, validateMessage } from 'graphql-ws'
import * as z from 'zod'
import { requireLive } from '#shared/access/authenticate.ts'
import { graphqlErrors } from '#shared/graphql/shown-error.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import { parse, parseJson } from '#shared/platform/parse.ts'
import { postPatiently } from '#shared/streams/post-patiently.ts'
import { authenticateConnection } from './authenticate-connection.ts'
import { isRecorded } from './frame-record.ts'
import { endOperation, runOperation } from './graphql-operation.ts'
import { type Incoming, isOver, requireIdentity } from './incoming.ts'
import { ProtocolViolation } from './protocol-violation.ts'

const credential = z.string().min(1).max(8_192).optional()
const credentialsSchema = z.looseObject({ ticket: credential, authorization: credential, Authorization: credential })

/**
 * Handles one message of `graphql-transport-ws`. What a connection follows is kept with its subscriptions; nothing is kept here.
 *
 * Where the protocol closes a socket with a code of its own, which API Gateway cannot, the client gets an `error` first. A `connection_init`
 * has no id: its `error` is called like itself, and clients that know the protocol take it for the end instead of coming back for ever.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export async function receiveGraphql(incoming: Incoming, body: string): Promise<void> {
  let message: Message | undefined
  try {
    message = readMessage(body)
    await handle(incoming, message)
  } catch (thrown) {
    const { poster, logger } = incoming.dependencies
    const { connectionId } = incoming.connection
    const error = graphqlErrors(logger, { connectionId })(thrown instanceof Error ? thrown : new Error(String(thrown)))
    const { status, code } = toSluiceError(fromAwsError(thrown, 'the service'))
    if (isRecorded(undefined, status, thrown))
      await incoming.record.once({ action: message?.type ?? 'unknown', door: 'graphql' }, { status, code })
    const id = message && nameOf(message)
    if (id !== undefined) await post(incoming, { id, type: MessageType.Error, payload: [error.toJSON()] })
    const isUnwelcome = message?.type === MessageType.ConnectionInit || thrown instanceof ProtocolViolation
    if (isUnwelcome || isOver(incoming)) await poster.close(connectionId)
  }
}

function readMessage(body: string): Message {
  try {
    return validateMessage(parseJson(body, 'message'))
  } catch (error) {
    throw new ProtocolViolation('validation_error', error instanceof Error ? error.message : 'this is no message')
  }
}

function nameOf(message: Message): string | undefined {
  if (message.type === MessageType.ConnectionInit) return message.type
  return 'id' in message ? message.id : undefined
}

async function handle(incoming: Incoming, message: Message): Promise<void> {
  switch (message.type) {
    case MessageType.ConnectionInit:
      return initialise(incoming, message.payload)
    case MessageType.Ping:
      return post(incoming, { type: MessageType.Pong, ...(message.payload && { payload: message.payload }) })
    case MessageType.Pong:
      return
    case MessageType.Subscribe:
      return subscribe(incoming, message)
    case MessageType.Complete:
      return endOperation(incoming, message.id)
    default:
      throw new ProtocolViolation('validation_error', `"${message.type}" is for the server to say`)
  }
}

/** Says who is there, unless the handshake did; with both, they must be the same. */
async function initialise(incoming: Incoming, payload: unknown): Promise<void> {
  const { ticket, authorization, Authorization } = parse(credentialsSchema, payload ?? {}, 'payload')
  const { connectionId, greeted } = incoming.connection
  if (greeted) throw new ProtocolViolation('conflict', 'the connection is initialised already')
  const credentials = { ticket, authorization: authorization ?? Authorization }
  const isOpen = incoming.dependencies.openTenant !== undefined && !incoming.connection.principal
  if (isOpen || (credentials.ticket ?? credentials.authorization)) await authenticateConnection(incoming, credentials)
  else requireIdentity(incoming)
  if (!(await incoming.dependencies.connections.greet(connectionId)))
    throw new ProtocolViolation('conflict', 'the connection is initialised already')
  await post(incoming, { type: MessageType.ConnectionAck })
}

async function subscribe(incoming: Incoming, { id, payload }: SubscribeMessage): Promise<void> {
  if (!incoming.connection.greeted) throw new ProtocolViolation('unauthorized', 'send "connection_init" first')
  const known = requireIdentity(incoming)
  await requireLive(known.connection.principal, known.dependencies)
  await runOperation(known, id, payload, (message) => post(incoming, message))
}

async function post({ dependencies, connection, signal }: Incoming, message: Message): Promise<void> {
  await postPatiently(dependencies.poster, connection.connectionId, stringifyMessage(message), { signal })
}
