import pLimit from 'p-limit'
import type { ArtifactStore } from './artifact-store.ts'
import type { Message } from './message.ts'
import type { MessageBus, PublishResult } from './message-bus.ts'
import { referenceData } from './message-data.ts'

/** Large messages of a batch that are stored at once. */
const STORED_AT_ONCE = 5

/** A bus that also takes messages which are too large for it: their data is stored before the message is published (claim check). */
export function referencingMessageBus(bus: MessageBus, artifacts: ArtifactStore): MessageBus {
  type Referenced = { message: Message } | { error: unknown }

  const reference = (message: Message): Promise<Referenced> =>
    referenceData(artifacts, message).then(
      (message) => ({ message }),
      (error: unknown) => ({ error }),
    )

  return {
    publish: async (message) => bus.publish(await referenceData(artifacts, message)),

    async publishAll(messages) {
      const limit = pLimit(STORED_AT_ONCE)
      const referenced = await Promise.all(messages.map((message) => limit(reference, message)))
      const results = await bus.publishAll(referenced.flatMap((each) => ('message' in each ? [each.message] : [])))
      const inOrder = results.values()
      return referenced.map((each): PublishResult => {
        if ('error' in each) return { result: 'refused', error: each.error }
        return inOrder.next().value ?? { result: 'refused', error: new RangeError('the bus said nothing of a message') }
      })
    },
  }
}
