import type { Message } from './message.ts'

/** What became of one of many messages. */
export type PublishResult = { result: 'accepted' } | { result: 'refused'; error: unknown }

/** Where messages are published. At least once: a message whose publishing failed may still have been accepted. */
export type MessageBus = {
  /** @throws SluiceError `unavailable` when the bus did not accept it, `payload_too_large` above its limit */
  publish(message: Message): Promise<void>
  /** Each message by itself. @returns what became of each, in their order; the errors are those of {@link publish} */
  publishAll(messages: readonly Message[]): Promise<PublishResult[]>
}
