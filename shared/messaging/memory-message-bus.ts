import { SluiceError } from '#shared/platform/errors.ts'
import { isTooLarge } from './envelope-size.ts'
import type { Message } from './message.ts'
import type { MessageBus } from './message-bus.ts'

/** A bus that keeps what was published, for tests. */
export function memoryMessageBus(): MessageBus & { readonly published: Message[] } {
  const published: Message[] = []
  const bus = {
    published,
    async publish(message: Message): Promise<void> {
      if (isTooLarge(message.envelope)) throw new SluiceError('payload_too_large', 'the message is too large')
      published.push(structuredClone(message))
    },
    publishAll: (messages: readonly Message[]) =>
      Promise.all(
        messages.map((message) =>
          bus.publish(message).then(
            () => ({ result: 'accepted' as const }),
            (error: unknown) => ({ result: 'refused' as const, error }),
          ),
        ),
      ),
  }
  return bus
}
