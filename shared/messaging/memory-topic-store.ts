import { encodeCursor } from '#shared/platform/cursor.ts'
import { decodeIdCursor } from '#shared/platform/id-cursor.ts'
import type { DeclaredTopic } from '#shared/protocol/topic.ts'
import type { TopicStore } from './topic-store.ts'

/** Topics of one process, for tests. */
export function memoryTopicStore(): TopicStore {
  const tenants = new Map<string, Map<string, DeclaredTopic>>()
  const topicsOf = (tenant: string): Map<string, DeclaredTopic> => {
    const topics = tenants.get(tenant) ?? new Map<string, DeclaredTopic>()
    tenants.set(tenant, topics)
    return topics
  }

  return {
    async put(tenant, topic) {
      const topics = topicsOf(tenant)
      const createdAt = topics.get(topic.topic)?.createdAt ?? topic.createdAt
      topics.set(topic.topic, structuredClone({ ...topic, createdAt }))
      return structuredClone({ ...topic, createdAt })
    },

    async get(tenant, topic) {
      return structuredClone(topicsOf(tenant).get(topic))
    },

    async list(tenant, { limit, after }) {
      const start = after === undefined ? '' : decodeIdCursor(after)
      const rest = [...topicsOf(tenant).values()]
        .filter(({ topic }) => topic > start)
        .sort((one, other) => (one.topic < other.topic ? -1 : 1))
      const topics = rest.slice(0, limit)
      const last = topics.at(-1)
      return { topics: structuredClone(topics), ...(last && rest.length > limit && { next: encodeCursor(last.topic) }) }
    },

    async remove(tenant, topic) {
      return topicsOf(tenant).delete(topic) ? 'removed' : 'missing'
    },
  }
}
