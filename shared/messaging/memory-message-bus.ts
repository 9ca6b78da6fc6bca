import { SluiceError } from '#shared/platform/errors.ts'
import { isTooLarge } from './envelope-size.ts'
import type { Message } from './message.ts'
import type { MessageBus } from './message-bus.ts'

/** A bus that keeps what was published, for tests. */
export function memoryMessageBus(): MessageBus & { readonly published: Message[] } {
  const published: Message[] = []
  return {
    published,
    async publish(message) {
      if (isTooLarge(message.envelope)) throw new SluiceError('payload_too_large', 'the message is too large')
      published.push(structuredClone(message))
    },
  }
}
