import type { Principal } from '#shared/access/principal.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import type { DeclaredTopic, TopicDefinition } from '#shared/protocol/topic.ts'
import type { TopicStore } from './topic-store.ts'

export type DeclareTopicDependencies = { topicStore: TopicStore; clock: Clock }

/**
 * Declares what the messages of a topic look like, from now on: messages that were accepted before are checked by it as well when they
 * arrive. Repeatable.
 *
 * @throws ValidationError when the schema cannot be used
 */
export async function declareTopic(
  { topicStore, clock }: DeclareTopicDependencies,
  { tenant }: Principal,
  topic: string,
  definition: TopicDefinition,
): Promise<DeclaredTopic> {
  const { compileJsonSchema } = await import('#shared/platform/json-schema.ts')
  compileJsonSchema(definition.schema)
  const now = timestamp(clock)
  return topicStore.put(tenant, { ...definition, topic, createdAt: now, updatedAt: now })
}
