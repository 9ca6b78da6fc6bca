import * as z from 'zod'
import { dataSchema } from './envelope.ts'
import { timestampSchema, topicSchema } from './identifiers.ts'
import { MAX_TOPIC_SCHEMA_BYTES } from './limits.ts'

const fits = (schema: unknown): boolean => new TextEncoder().encode(JSON.stringify(schema)).length <= MAX_TOPIC_SCHEMA_BYTES

/** Body of `PUT /v1/topics/{topic}`. */
export const topicDefinitionSchema = z.strictObject({
  /** JSON Schema (2020-12 unless `$schema` says otherwise) that the `data` of every message on the topic must satisfy. */
  schema: z.record(z.string(), dataSchema).refine(fits, `larger than ${MAX_TOPIC_SCHEMA_BYTES} bytes`),
  description: z.string().max(2_000).optional(),
})

/** A topic that was declared. Topics need not be: messages on others are taken as they are. */
export const declaredTopicSchema = z.object({
  topic: topicSchema,
  ...topicDefinitionSchema.shape,
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
})

/** Page of `GET /v1/topics`. */
export const topicListSchema = z.object({
  topics: z.array(declaredTopicSchema),
  /** Cursor of the next page; absent on the last one. */
  next: z.string().optional(),
})

export type DeclaredTopic = z.infer<typeof declaredTopicSchema>
export type TopicList = z.infer<typeof topicListSchema>
export type TopicDefinition = z.infer<typeof topicDefinitionSchema>
