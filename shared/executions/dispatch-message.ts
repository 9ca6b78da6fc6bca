import pLimit from 'p-limit'
import { depthOf, requireDepth } from '#shared/messaging/child-message.ts'
import type { Message } from '#shared/messaging/message.ts'
import { dataPath, requireOwnData } from '#shared/messaging/message-data.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import { derivedId } from '#shared/platform/ids.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import type { TopicPublisher } from '#shared/streams/topic-publisher.ts'
import { findRecipients, type Recipient, type RecipientDependencies } from './find-recipients.ts'
import { type StartDependencies, type StartRequest, startExecution } from './start-execution.ts'

export type DispatchDependencies = StartDependencies & RecipientDependencies & { topics: TopicPublisher }

/** Executions of one message that are started at once. */
const STARTS_AT_ONCE = 10

/** Id of the execution of a message by an agent. A message is known by its source and its id, as CloudEvents says. */
export const messageExecutionId = (tenant: string, { source, id }: Pick<Envelope, 'source' | 'id'>, agentId: string): string =>
  derivedId('message', tenant, source, id, agentId)

/**
 * Makes one execution for each agent that a message is for, and shows the message on its topic's channel. Every step is repeatable:
 * an execution's id is derived from message and agent, so a message that is delivered twice runs once. What an agent cannot take now,
 * whatever its status, waits in its mailbox.
 *
 * @returns ids of the executions
 * @throws what {@link findRecipients} throws, SluiceError `depth_exceeded`, also when there is room for
 *   some of its executions and not for others, which those that were made do not notice, ValidationError when the message refers to data that is not its own
 */
export async function dispatchMessage(dependencies: DispatchDependencies, message: Message): Promise<string[]> {
  const { tenant, envelope } = message
  const limit = pLimit(STARTS_AT_ONCE)
  const start = async (recipient: Recipient): Promise<string> => {
    const request = requestOf(message, recipient)
    await startExecution(dependencies, request)
    return request.executionId
  }
  requireDepth(envelope)
  requireOwnData(message)
  const recipients = await findRecipients(dependencies, message)
  // One that fails leaves none of the others half done: the message comes again when all have had their turn.
  const results = await Promise.allSettled(recipients.map((recipient) => limit(start, recipient)))
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [toSluiceError(result.reason)] : []))
  // What another delivery can mend goes first: the message does not come again once it is refused.
  const failure = failures.find(({ code }) => code !== 'depth_exceeded') ?? failures[0]
  if (failure) throw failure
  const executionIds = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const { topic } = envelope
  if (topic !== undefined) await dependencies.topics.publish(tenant, shownEnvelope({ ...envelope, topic }))
  return executionIds
}

/** A message as its topic shows it: data that did not travel is read at the front door. */
function shownEnvelope<Shown extends Envelope & { topic: string }>(envelope: Shown): Shown {
  return envelope.dataref === undefined ? envelope : { ...envelope, dataref: dataPath(envelope) }
}

function requestOf({ tenant, envelope, rootSource }: Message, { agentId, worker }: Recipient): StartRequest {
  const { id, type, source, time, topic, data, dataref, priority, ttlSeconds } = envelope
  const { replyTo, correlationId, conversationId, parentId, rootId } = envelope
  return {
    tenant,
    executionId: messageExecutionId(tenant, envelope, agentId),
    agentId,
    worker,
    input: data,
    inputRef: dataref,
    type,
    source,
    priority,
    expiresAtMs: ttlSeconds === undefined ? undefined : Date.parse(time) + ttlSeconds * 1_000,
    messageId: id,
    topic,
    replyTo,
    correlationId,
    conversationId,
    parentId,
    rootId,
    rootSource,
    depth: depthOf(envelope) || undefined,
  }
}
