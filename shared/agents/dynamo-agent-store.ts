import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import { queryAll } from '#shared/platform/dynamo-query-all.ts'
import { lazy } from '#shared/platform/lazy.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { agentKey, agentSortKey, fromAgentItem, subscriptionSchema, topicKey } from './agent-item.ts'
import type { AgentStore } from './agent-store.ts'

/**
 * Agents in the registry table: the agent at `T#<tenant>` / `AGENT#<id>`, its gate at `T#<tenant>#AGENT#<id>` / `GATE`, and an item for each of
 * its topics at `T#<tenant>#TOPIC#<topic>` / `AGENT#<id>`, so that a message finds its agents with one query; entries for its domain and its
 * capabilities likewise, for lists; and the tenant's count of agents. What the sweeper must look at stands in the gate. What changes agents is loaded with
 * the first change.
 */
export function dynamoAgentStore(client: DynamoDBDocumentClient, registryTable: string): AgentStore {
  const TableName = registryTable

  async function get(tenant: string, agentId: string): Promise<Agent | undefined> {
    const { Item } = await client.send(new GetCommand({ TableName, Key: agentKey({ tenant, agentId }), ConsistentRead: true }))
    return Item && fromAgentItem(Item)
  }

  const changes = lazy(async () => {
    const { dynamoAgentChanges } = await import('./dynamo-agent-changes.ts')
    return dynamoAgentChanges(client, TableName, get)
  })

  return {
    get,

    async list(tenant, page) {
      const { listAgents } = await import('./dynamo-agent-list.ts')
      return listAgents(client, TableName, tenant, page)
    },

    async capabilitiesOf(tenant, page) {
      const { listCapabilities } = await import('./dynamo-capability-list.ts')
      return listCapabilities(client, TableName, tenant, page)
    },

    async subscribersOf(tenant, topic) {
      const items = await queryAll(client, {
        TableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :agents)',
        ExpressionAttributeValues: { ':pk': topicKey(tenant, topic), ':agents': agentSortKey('') },
        ConsistentRead: true,
      })
      return items.map((item) => subscriptionSchema.parse(item))
    },

    create: async (...given) => (await changes()).create(...given),
    replace: async (...given) => (await changes()).replace(...given),
    changeStatus: async (...given) => (await changes()).changeStatus(...given),
    remove: async (...given) => (await changes()).remove(...given),
    setHealth: async (...given) => (await changes()).setHealth(...given),
    listDue: async (...given) => (await changes()).listDue(...given),
    postpone: async (...given) => (await changes()).postpone(...given),
  }
}
