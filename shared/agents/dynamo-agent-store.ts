import { type DynamoDBDocumentClient, GetCommand, paginateQuery, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { cancellationCodes } from '#shared/platform/dynamo-errors.ts'
import { retryOnConflict } from '#shared/platform/retry-on-conflict.ts'
import { agentSchema } from '#shared/protocol/agent.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { decodeAgentCursor, encodeAgentCursor } from './agent-cursor.ts'
import type { AgentStore } from './agent-store.ts'

const subscriptionSchema = z.object({ agentId: agentIdSchema })

const tenantKey = (tenant: string) => `T#${tenant}`
const topicKey = (tenant: string, topic: string) => `T#${tenant}#TOPIC#${topic}`
const agentKey = (agentId: string) => `AGENT#${agentId}`

/**
 * Agents in the registry table: the agent at `T#<tenant>` / `AGENT#<id>`, and an item for each of its topics at
 * `T#<tenant>#TOPIC#<topic>` / `AGENT#<id>`, so that a message finds its agents with one query.
 */
export function dynamoAgentStore(client: DynamoDBDocumentClient, registryTable: string): AgentStore {
  return {
    async create(tenant, agent) {
      const sk = agentKey(agent.agentId)
      const agentPut = {
        TableName: registryTable,
        Item: { pk: tenantKey(tenant), sk, ...agent },
        ConditionExpression: 'attribute_not_exists(pk)',
      }
      const subscriptionPuts = agent.topics.map((topic) => ({
        TableName: registryTable,
        Item: { pk: topicKey(tenant, topic), sk, agentId: agent.agentId },
      }))
      try {
        await retryOnConflict(() =>
          client.send(new TransactWriteCommand({ TransactItems: [agentPut, ...subscriptionPuts].map((Put) => ({ Put })) })),
        )
        return 'created'
      } catch (error) {
        const [code] = cancellationCodes(error) ?? []
        if (code === 'ConditionalCheckFailed') return 'exists'
        throw error
      }
    },

    async get(tenant, agentId) {
      const { Item } = await client.send(
        new GetCommand({
          TableName: registryTable,
          Key: { pk: tenantKey(tenant), sk: agentKey(agentId) },
          ConsistentRead: true,
        }),
      )
      return Item && agentSchema.parse(Item)
    },

    async list(tenant, { limit, after }) {
      const pk = tenantKey(tenant)
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: registryTable,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :agents)',
          ExpressionAttributeValues: { ':pk': pk, ':agents': agentKey('') },
          ...(after !== undefined && { ExclusiveStartKey: { pk, sk: agentKey(decodeAgentCursor(after)) } }),
          ConsistentRead: true,
          // One more than asked for tells whether there is a next page.
          Limit: limit + 1,
        }),
      )
      const agents = Items.slice(0, limit).map((item) => agentSchema.parse(item))
      const last = agents.at(-1)
      const more = Items.length > limit || LastEvaluatedKey !== undefined
      return { agents, ...(last && more && { next: encodeAgentCursor(last.agentId) }) }
    },

    async subscribersOf(tenant, topic) {
      const pages = paginateQuery(
        { client },
        {
          TableName: registryTable,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :agents)',
          ExpressionAttributeValues: { ':pk': topicKey(tenant, topic), ':agents': agentKey('') },
          ConsistentRead: true,
        },
      )
      const agentIds: string[] = []
      for await (const { Items = [] } of pages) agentIds.push(...Items.map((item) => subscriptionSchema.parse(item).agentId))
      return agentIds
    },
  }
}
