import type { Message } from './message.ts'

/** Where messages are published. At least once: a message whose publishing threw may still have been accepted. */
export type MessageBus = {
  /** @throws SluiceError `unavailable` when the bus did not accept it, `payload_too_large` above its limit */
  publish(message: Message): Promise<void>
}
