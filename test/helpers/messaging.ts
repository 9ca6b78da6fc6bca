import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import { memoryMessageBus } from '#shared/messaging/memory-message-bus.ts'
import { memoryTopicStore } from '#shared/messaging/memory-topic-store.ts'
import { referencingMessageBus } from '#shared/messaging/referencing-message-bus.ts'
import { cachedTopicSchemas } from '#shared/messaging/topic-schemas.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'
import type { DeclaredTopic } from '#shared/protocol/topic.ts'

/** What messages need on their way, in memory. `sent` is the bus without the step that stores large data. */
export function messagingWorld(clock: Clock) {
  const artifacts = memoryArtifactStore()
  const topicStore = memoryTopicStore()
  const sent = memoryMessageBus()
  const bus = referencingMessageBus(sent, artifacts)
  return { artifacts, topicStore, topicSchemas: cachedTopicSchemas(topicStore, clock), sent, bus }
}

export const aTopic = (overrides: Partial<DeclaredTopic> = {}): DeclaredTopic => ({
  topic: 'questions',
  schema: { type: 'object', required: ['content'], properties: { content: { type: 'string' } } },
  createdAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:00.000Z',
  ...overrides,
})

/** Data that no message can carry. */
export const LARGE_DATA = { content: 'x'.repeat(MAX_MESSAGE_BYTES) }
