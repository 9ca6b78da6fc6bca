import type { Principal } from '#shared/access/principal.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import type { Envelope, PublishMessage } from '#shared/protocol/envelope.ts'
import type { MessageBus } from './message-bus.ts'

export type PublishMessageDependencies = { bus: MessageBus; clock: Clock }

/**
 * Publishes a message on a topic in the name of the caller. Its id is the caller's choice, or follows from the idempotency key, or
 * is new; a message whose id is known changes nothing when it arrives.
 *
 * @throws SluiceError `payload_too_large`, or `unavailable` when the bus did not accept it
 */
export async function publishMessage(
  { bus, clock }: PublishMessageDependencies,
  principal: Principal,
  topic: string,
  message: PublishMessage,
  { idempotencyKey }: { idempotencyKey?: string | undefined } = {},
): Promise<{ messageId: string; topic: string }> {
  const { tenant, subject } = principal
  const envelope: Envelope = {
    ...message,
    specversion: '1.0',
    id: message.id ?? (idempotencyKey === undefined ? newId() : derivedId('message', tenant, subject, topic, idempotencyKey)),
    type: message.type ?? 'message',
    // Whatever the message says: nobody publishes in the name of somebody else.
    source: `/principals/${encodeURIComponent(subject)}`,
    time: message.time ?? timestamp(clock),
    topic,
  }
  await bus.publish({ tenant, envelope })
  return { messageId: envelope.id, topic }
}
