import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { MESSAGE_SOURCE } from '#shared/platform/names.ts'
import { isTooLarge } from './envelope-size.ts'
import type { MessageBus } from './message-bus.ts'

/** Codes of a refused entry that may go away. Source: API reference, PutEventsResultEntry. */
const TRANSIENT_CODES: ReadonlySet<string | undefined> = new Set(['ThrottlingException', 'InternalFailure', 'InternalException'])

/** Publishes on an EventBridge bus, of which a rule takes everything with our source to the ingress queue. */
export function eventBridgeMessageBus(client: EventBridgeClient, busName: string): MessageBus {
  return {
    async publish({ tenant, envelope }) {
      if (isTooLarge(envelope)) throw new SluiceError('payload_too_large', 'the message is too large')
      const entry = {
        EventBusName: busName,
        Source: MESSAGE_SOURCE,
        DetailType: envelope.type,
        Detail: JSON.stringify({ tenant, envelope }),
      }
      const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [entry] })).catch((error: unknown) => {
        throw fromAwsError(error, 'the message bus')
      })
      // PutEvents answers 200 for refused entries too; an entry without an id was refused.
      const [result] = Entries
      if (result?.EventId) return
      const transient = TRANSIENT_CODES.has(result?.ErrorCode)
      throw new SluiceError(transient ? 'unavailable' : 'internal', `the message bus refused the message: ${result?.ErrorCode}`)
    },
  }
}
