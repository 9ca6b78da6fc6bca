import type { Clock } from '#shared/platform/clock.ts'
import type { DataCheck } from '#shared/platform/json-schema.ts'
import type { TopicStore } from './topic-store.ts'

/** How long a warm function goes on with the schema it has read, in milliseconds: the longest time a change takes to be noticed. */
const MAX_AGE_MS = 5_000
const MAX_TOPICS = 1_000

/** Schemas of topics, ready to check messages with. */
export type TopicSchemas = {
  /** The check of a topic's messages; undefined when the topic has no schema, as most have none. */
  find(tenant: string, topic: string): Promise<DataCheck | undefined>
}

/**
 * Reads the schema of a topic once in a few seconds, also when there is none, however many messages come. What interprets schemas is
 * loaded with the first one.
 */
export function cachedTopicSchemas(topics: TopicStore, clock: Clock): TopicSchemas {
  const known = new Map<string, { check: Promise<DataCheck | undefined>; readAt: number }>()

  async function load(tenant: string, topic: string): Promise<DataCheck | undefined> {
    const declared = await topics.get(tenant, topic)
    if (!declared) return undefined
    const { compileJsonSchema } = await import('#shared/platform/json-schema.ts')
    return compileJsonSchema(declared.schema)
  }

  return {
    find(tenant, topic) {
      const key = JSON.stringify([tenant, topic])
      const entry = known.get(key)
      if (entry && clock.now() - entry.readAt < MAX_AGE_MS) return entry.check
      if (known.size >= MAX_TOPICS) known.clear()
      const check = load(tenant, topic)
      known.set(key, { check, readAt: clock.now() })
      // What could not be read is read again by the next message.
      check.catch(() => known.delete(key))
      return check
    },
  }
}
