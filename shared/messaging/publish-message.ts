import type { Principal } from '#shared/access/principal.ts'
import { principalSource } from '#shared/access/principal-source.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import type { Envelope, PublishMessage } from '#shared/protocol/envelope.ts'
import type { MessageBus } from './message-bus.ts'
import type { TopicSchemas } from './topic-schemas.ts'

export type PublishMessageDependencies = { bus: MessageBus; topicSchemas: TopicSchemas; clock: Clock }

export type PublishOptions = { idempotencyKey?: string | undefined }

/**
 * Publishes a message on a topic in the name of the caller. Its id is the caller's choice, or follows from the idempotency key, or
 * is new; a message whose id is known changes nothing when it arrives.
 *
 * @throws ValidationError when the data does not fit the schema of the topic, SluiceError `payload_too_large`, or `unavailable` when the bus
 *   did not accept it
 */
export async function publishMessage(
  { bus, topicSchemas, clock }: PublishMessageDependencies,
  principal: Principal,
  topic: string,
  message: PublishMessage,
  { idempotencyKey }: PublishOptions = {},
): Promise<{ messageId: string; topic: string }> {
  const { tenant, subject } = principal
  const check = await topicSchemas.find(tenant, topic)
  check?.(message.data)
  const makeId = () => (idempotencyKey === undefined ? newId() : derivedId('message', tenant, subject, topic, idempotencyKey))
  const envelope = toEnvelope(principal, { ...message, id: message.id ?? makeId() }, clock, { topic })
  await bus.publish({ tenant, envelope })
  return { messageId: envelope.id, topic }
}

/** What a caller says, with what it left out filled in. */
export function toEnvelope(
  { subject }: Principal,
  message: PublishMessage & { id: string },
  clock: Clock,
  address: Pick<Envelope, 'topic' | 'to'>,
): Envelope {
  return {
    ...message,
    specversion: '1.0',
    type: message.type ?? 'message',
    // Whatever the message says: nobody publishes in the name of somebody else.
    source: principalSource(subject),
    time: message.time ?? timestamp(clock),
    ...address,
  }
}
