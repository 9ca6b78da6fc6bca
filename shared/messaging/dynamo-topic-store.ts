import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { encodeCursor } from '#shared/platform/cursor.ts'
import { decodeIdCursor } from '#shared/platform/id-cursor.ts'
import { type DeclaredTopic, declaredTopicSchema, topicDefinitionSchema } from '#shared/protocol/topic.ts'
import type { TopicStore } from './topic-store.ts'

/** The definition is stored as text: an attribute map takes neither all of JSON's numbers nor empty names. */
const itemSchema = declaredTopicSchema.pick({ topic: true, createdAt: true, updatedAt: true }).extend({ definition: z.string() })

const tenantKey = (tenant: string) => `T#${tenant}`
const topicKey = (topic: string) => `TOPIC#${topic}`

function fromItem(item: unknown): DeclaredTopic {
  const { definition, ...topic } = itemSchema.parse(item)
  return { ...topic, ...topicDefinitionSchema.parse(JSON.parse(definition)) }
}

/** Declared topics in the registry table, at `T#<tenant>` / `TOPIC#<name>`. */
export function dynamoTopicStore(client: DynamoDBDocumentClient, registryTable: string): TopicStore {
  const keyOf = (tenant: string, topic: string) => ({ pk: tenantKey(tenant), sk: topicKey(topic) })
  return {
    async put(tenant, { topic, createdAt, updatedAt, ...definition }) {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName: registryTable,
          Key: keyOf(tenant, topic),
          UpdateExpression:
            'SET topic = :topic, #definition = :definition, updatedAt = :updatedAt, createdAt = if_not_exists(createdAt, :createdAt)',
          ExpressionAttributeNames: { '#definition': 'definition' },
          ExpressionAttributeValues: {
            ':topic': topic,
            ':definition': JSON.stringify(definition),
            ':updatedAt': updatedAt,
            ':createdAt': createdAt,
          },
          ReturnValues: 'ALL_NEW',
        }),
      )
      return fromItem(Attributes)
    },

    async get(tenant, topic) {
      const { Item } = await client.send(
        new GetCommand({ TableName: registryTable, Key: keyOf(tenant, topic), ConsistentRead: true }),
      )
      return Item && fromItem(Item)
    },

    async list(tenant, { limit, after }) {
      const pk = tenantKey(tenant)
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: registryTable,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :topics)',
          ExpressionAttributeValues: { ':pk': pk, ':topics': topicKey('') },
          ...(after !== undefined && { ExclusiveStartKey: { pk, sk: topicKey(decodeIdCursor(after)) } }),
          ConsistentRead: true,
          // One more than asked for tells whether there is a next page.
          Limit: limit + 1,
        }),
      )
      const topics = Items.slice(0, limit).map(fromItem)
      const last = topics.at(-1)
      const more = Items.length > limit || LastEvaluatedKey !== undefined
      return { topics, ...(last && more && { next: encodeCursor(last.topic) }) }
    },

    async remove(tenant, topic) {
      const { Attributes } = await client.send(
        new DeleteCommand({ TableName: registryTable, Key: keyOf(tenant, topic), ReturnValues: 'ALL_OLD' }),
      )
      return Attributes ? 'removed' : 'missing'
    },
  }
}
