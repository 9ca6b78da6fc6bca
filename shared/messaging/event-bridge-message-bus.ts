import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge'
import { SluiceError } from '#shared/platform/errors.ts'
import { MESSAGE_SOURCE } from '#shared/platform/names.ts'
import { isTooLarge } from './envelope-size.ts'
import { putEntries } from './event-bridge-entries.ts'
import type { Message } from './message.ts'
import type { MessageBus, PublishResult } from './message-bus.ts'

/** Publishes on an EventBridge bus, of which a rule takes everything with our source to the ingress queue. */
export function eventBridgeMessageBus(client: EventBridgeClient, busName: string): MessageBus {
  const toEntry = ({ tenant, envelope, rootSource }: Message): PutEventsRequestEntry => ({
    EventBusName: busName,
    Source: MESSAGE_SOURCE,
    DetailType: envelope.type,
    Detail: JSON.stringify({ tenant, envelope, rootSource }),
  })

  async function publishAll(messages: readonly Message[]): Promise<PublishResult[]> {
    const fitting = messages.filter(({ envelope }) => !isTooLarge(envelope))
    const errors = await putEntries(client, fitting.map(toEntry))
    const errorOf = new Map(fitting.map((message, index) => [message, errors[index]]))
    return messages.map((message) => {
      const error = errorOf.has(message) ? errorOf.get(message) : tooLarge()
      return error === undefined ? { result: 'accepted' } : { result: 'refused', error }
    })
  }

  return {
    async publish(message) {
      const [outcome] = await publishAll([message])
      if (outcome?.result === 'refused') throw outcome.error
    },
    publishAll,
  }
}

const tooLarge = (): SluiceError => new SluiceError('payload_too_large', 'the message is too large')
