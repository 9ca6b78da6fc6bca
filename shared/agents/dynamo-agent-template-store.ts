import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { encodeCursor } from '#shared/platform/cursor.ts'
import { decodeIdCursor } from '#shared/platform/id-cursor.ts'
import { type AgentTemplate, agentTemplateSchema } from '#shared/protocol/agent-template.ts'
import { tenantKey } from './agent-item.ts'
import type { AgentTemplateStore } from './agent-template-store.ts'

/** The content is stored as text: an attribute map takes neither all of JSON's numbers nor empty names. */
const itemSchema = agentTemplateSchema.pick({ name: true, createdAt: true, updatedAt: true }).extend({ content: z.string() })

const templateSortKey = (name: string): string => `TEMPLATE#${name}`

function fromItem(item: unknown): AgentTemplate {
  const { content, ...template } = itemSchema.parse(item)
  return agentTemplateSchema.parse({ ...template, ...JSON.parse(content) })
}

/** Templates of agents in the registry table, at `T#<tenant>` / `TEMPLATE#<name>`. */
export function dynamoAgentTemplateStore(client: DynamoDBDocumentClient, registryTable: string): AgentTemplateStore {
  const TableName = registryTable
  const keyOf = (tenant: string, name: string) => ({ pk: tenantKey(tenant), sk: templateSortKey(name) })

  return {
    async put(tenant, { name, createdAt, updatedAt, ...content }) {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName,
          Key: keyOf(tenant, name),
          UpdateExpression:
            'SET #name = :name, content = :content, updatedAt = :updatedAt, createdAt = if_not_exists(createdAt, :createdAt)',
          ExpressionAttributeNames: { '#name': 'name' },
          ExpressionAttributeValues: {
            ':name': name,
            ':content': JSON.stringify(content),
            ':updatedAt': updatedAt,
            ':createdAt': createdAt,
          },
          ReturnValues: 'ALL_NEW',
        }),
      )
      return fromItem(Attributes)
    },

    async get(tenant, name) {
      const { Item } = await client.send(new GetCommand({ TableName, Key: keyOf(tenant, name), ConsistentRead: true }))
      return Item && fromItem(Item)
    },

    async list(tenant, { limit, after }) {
      const pk = tenantKey(tenant)
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :templates)',
          ExpressionAttributeValues: { ':pk': pk, ':templates': templateSortKey('') },
          ...(after !== undefined && { ExclusiveStartKey: { pk, sk: templateSortKey(decodeIdCursor(after)) } }),
          ConsistentRead: true,
          // One more than asked for tells whether there is a next page.
          Limit: limit + 1,
        }),
      )
      const templates = Items.slice(0, limit).map(fromItem)
      const last = templates.at(-1)
      const more = Items.length > limit || LastEvaluatedKey !== undefined
      return { templates, ...(last && more && { next: encodeCursor(last.name) }) }
    },

    async remove(tenant, name) {
      const { Attributes } = await client.send(
        new DeleteCommand({ TableName, Key: keyOf(tenant, name), ReturnValues: 'ALL_OLD' }),
      )
      return Attributes ? 'removed' : 'missing'
    },
  }
}
