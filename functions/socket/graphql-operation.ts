import { type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql'
import { type Message, MessageType } from 'graphql-ws'
import * as z from 'zod'
import { hasEnded } from '#shared/executions/execution-status.ts'
import { auditedFields } from '#shared/graphql/audited-fields.ts'
import { graphqlRequestSchema } from '#shared/graphql/graphql-request.ts'
import { type Projection, projectSubscription } from '#shared/graphql/project-subscription.ts'
import { readOperation } from '#shared/graphql/read-operation.ts'
import { graphqlErrors } from '#shared/graphql/shown-error.ts'
import { SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import { parse } from '#shared/platform/parse.ts'
import { parseChannel } from '#shared/protocol/channel.ts'
import { MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import type { ConnectionSubscription } from '#shared/streams/connection-store.ts'
import { openSubscription } from '#shared/streams/open-subscription.ts'
import { checkAccess } from './check-access.ts'
import type { Incoming, KnownIncoming } from './incoming.ts'
import { ProtocolViolation } from './protocol-violation.ts'

/** Most subscriptions that run on one connection. */
export const MAX_OPERATIONS = 20

const idSchema = z.string().max(128, 'an id has 128 characters at the most')

type Post = (message: Message) => Promise<void>

/**
 * Starts a subscription, or does a query or a mutation.
 *
 * @throws whatever is wrong with it, but for what the document itself gets wrong: that is posted
 */
export async function runOperation(incoming: KnownIncoming, id: string, payload: unknown, post: Post): Promise<void> {
  parse(idSchema, id, 'id')
  const operation = readOperation(parse(graphqlRequestSchema, payload, 'payload'))
  if (operation.result === 'ready') {
    const { args, validated } = operation
    if (validated.operation.operation === 'subscription') return follow(incoming, id, projectSubscription(validated))
    return answer(incoming, id, args, post)
  }
  const errors = operation.errors.map(show(incoming)).map((error) => error.toJSON())
  await post({ id, type: MessageType.Error, payload: errors })
}

const show = ({ dependencies, connection: { connectionId } }: Incoming) => graphqlErrors(dependencies.logger, { connectionId })

async function follow(incoming: KnownIncoming, id: string, { channel, after, key, fields }: Projection): Promise<void> {
  const { dependencies, connection, signal } = incoming
  await checkAccess(dependencies, connection.principal, channel)
  const running = await runningOperations(incoming, id)
  if (running.some(({ operation }) => operation === id))
    throw new ProtocolViolation('conflict', `there is an operation "${id}" already`)
  if (running.length >= MAX_OPERATIONS)
    throw new SluiceError('rate_limit', `a connection has ${MAX_OPERATIONS} subscriptions at the most`)
  const view = { kind: 'graphql', id, key, fields } as const
  const result = await openSubscription(dependencies, connection, { channel, operation: id, view, after, signal })
  if (result === 'behind') throw new SluiceError('timeout', `the replay of ${channel} took too long; subscribe with your cursor`)
}

/** @throws SluiceError `payload_too_large` when the answer does not fit a frame */
async function answer(incoming: KnownIncoming, id: string, args: ExecutionArgs, post: Post): Promise<void> {
  const { dependencies, connection, signal } = incoming
  const { rateLimiter } = await dependencies.limits()
  await rateLimiter.take(connection.principal)
  const contextValue = { principal: connection.principal, dependencies: await dependencies.graphql() }
  const work = async () => execute({ ...args, contextValue, abortSignal: signal })
  const { data, errors } = await recorded(incoming, args, work)
  const shown = errors?.map(show(incoming)).map((error) => error.toJSON())
  const payload = { ...(data !== undefined && { data }), ...(shown && { errors: shown }) }
  if (Buffer.byteLength(JSON.stringify(payload)) > MAX_FRAME_BYTES)
    throw new SluiceError('payload_too_large', 'the answer does not fit a frame: ask with POST /graphql')
  await post({ id, type: MessageType.Next, payload })
  await post({ id, type: MessageType.Complete })
}

/** Writes down what an operation did. One that is cut off may have done all that it was asked for. */
async function recorded(
  { record }: KnownIncoming,
  args: ExecutionArgs,
  work: () => Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  const note = async (errors: ExecutionResult['errors']): Promise<void> => {
    for (const { field, end } of auditedFields(args, errors))
      await record.each({ action: field, door: 'graphql', request: args.variableValues }, end)
  }
  const result = await work().catch(async (error: unknown) => {
    await note([new GraphQLError('cut off', { originalError: toSluiceError(error) })])
    throw error
  })
  await note(result.errors)
  return result
}

/** Ends a subscription for its client. What has ended already, or never began, is no error: the two may have crossed. */
export async function endOperation(incoming: Incoming, id: string): Promise<void> {
  const { connections, subscriptions } = incoming.dependencies
  const { connectionId } = incoming.connection
  for (const place of await operationsOf(incoming)) {
    if (place.operation !== id) continue
    await connections.removeSubscription(connectionId, place)
    await subscriptions.remove(place, { connectionId, operation: id })
  }
}

/**
 * What runs on the connection. The end of an execution is posted by its writer, which does not know of operations: those that have ended are
 * forgotten here, once they stand in the way of another one.
 */
async function runningOperations(incoming: KnownIncoming, id: string): Promise<ConnectionSubscription[]> {
  const { connections, executions } = incoming.dependencies
  const { connectionId } = incoming.connection
  const noted = await operationsOf(incoming)
  if (noted.length < MAX_OPERATIONS && noted.every(({ operation }) => operation !== id)) return noted
  const running = await Promise.all(
    noted.map(async (place) => {
      const { kind, id: executionId } = parseChannel(place.channel)
      const record = kind === 'execution' ? await executions.get({ tenant: place.tenant, executionId }) : undefined
      if (!record || !hasEnded(record.status)) return place
      await connections.removeSubscription(connectionId, place)
      return undefined
    }),
  )
  return running.filter((place) => place !== undefined)
}

const operationsOf = async ({ dependencies, connection }: Incoming) =>
  (await dependencies.connections.subscriptions(connection.connectionId)).filter(({ operation }) => operation !== undefined)
