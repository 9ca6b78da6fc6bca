import type { DeclaredTopic, TopicList } from '#shared/protocol/topic.ts'

/** Topics of a tenant that were declared, with the schema of their messages. Reads are consistent. */
export type TopicStore = {
  /** Declares a topic, or declares it anew: then `createdAt` stays as it was. Returns what stands there now. */
  put(tenant: string, topic: DeclaredTopic): Promise<DeclaredTopic>
  get(tenant: string, topic: string): Promise<DeclaredTopic | undefined>
  /** Topics by name. `after` is the `next` of the page before; a foreign cursor throws ValidationError. */
  list(tenant: string, page: { limit: number; after?: string | undefined }): Promise<TopicList>
  remove(tenant: string, topic: string): Promise<'removed' | 'missing'>
}
