import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { queryDue } from '#shared/platform/dynamo-due-index.ts'
import { attributeUpdate } from '#shared/platform/dynamo-update.ts'
import { conditionalUpdate, transactWrite } from '#shared/platform/dynamo-writes.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { agentSchema } from '#shared/protocol/agent.ts'
import { agentCountKey, agentKey } from './agent-item.ts'
import type { AgentStore } from './agent-store.ts'
import { definitionChange, indexItems, toAgentItem } from './agent-writes.ts'
import { GATE_CONDITION, GATE_NAMES, gateDue, gateItem, gateKey } from './dynamo-gate-item.ts'
import type { AgentKey } from './gate.ts'
import { newGate } from './new-gate.ts'

/** Looks at an agent that others keep changing. */
const ROUNDS = 5

const REVISION_HOLDS = 'revision = :seen'

/** What happens to agents: apart from reading them, which is all that most functions do. */
export type AgentChanges = Pick<
  AgentStore,
  'create' | 'replace' | 'changeStatus' | 'remove' | 'setHealth' | 'listDue' | 'postpone'
>

/** Changes of the items that `dynamoAgentStore` reads. A change of an agent is conditional on the revision that was read, which covers its status. */
export function dynamoAgentChanges(client: DynamoDBDocumentClient, TableName: string, get: AgentStore['get']): AgentChanges {
  function agentUpdate(key: AgentKey, seen: number, set: Record<string, unknown>, remove: string[] = []) {
    const update = attributeUpdate(set, remove)
    const ExpressionAttributeValues = { ...update.ExpressionAttributeValues, ':seen': seen }
    return {
      Update: { TableName, Key: agentKey(key), ...update, ConditionExpression: REVISION_HOLDS, ExpressionAttributeValues },
    }
  }

  function gateUpdate(key: AgentKey, set: Record<string, unknown>) {
    const update = attributeUpdate(set)
    const ExpressionAttributeNames = { ...update.ExpressionAttributeNames, '#open': GATE_NAMES['#open'] }
    return {
      Update: { TableName, Key: gateKey(key), ...update, ConditionExpression: GATE_CONDITION.stands, ExpressionAttributeNames },
    }
  }

  /** Counts one agent more or less, on condition that there are fewer than `max`. */
  function countUpdate(tenant: string, by: 1 | -1, max?: number) {
    const Update = { TableName, Key: agentCountKey(tenant), UpdateExpression: 'ADD agents :by' }
    if (max === undefined) return { Update: { ...Update, ExpressionAttributeValues: { ':by': by } } }
    const ConditionExpression = 'attribute_not_exists(agents) OR agents < :max'
    return { Update: { ...Update, ConditionExpression, ExpressionAttributeValues: { ':by': by, ':max': max } } }
  }

  return {
    async create(tenant, agent, maxAgents) {
      const key = { tenant, agentId: agent.agentId }
      const due = agent.status === 'running' && gateDue(key, Date.parse(agent.createdAt))
      const [failed] = await transactWrite(client, [
        { Put: { TableName, Item: toAgentItem(tenant, agent), ConditionExpression: 'attribute_not_exists(pk)' } },
        countUpdate(tenant, 1, maxAgents),
        { Put: { TableName, Item: { ...gateKey(key), ...gateItem(newGate(agent)), ...due } } },
        ...[...indexItems(tenant, agent).values()].map((Item) => ({ Put: { TableName, Item } })),
      ])
      if (failed === undefined) return 'created'
      return failed === 0 ? 'exists' : 'full'
    },

    async replace(tenant, agent) {
      const key = { tenant, agentId: agent.agentId }
      const standing = await get(tenant, agent.agentId)
      if (standing?.revision !== agent.revision - 1) return 'changed'
      const { set, remove } = definitionChange(standing, agent)
      const entries = indexItems(tenant, agent)
      const gone = [...indexItems(tenant, standing)].filter(([name]) => !entries.has(name))
      const failed = await transactWrite(client, [
        agentUpdate(key, standing.revision, set, remove),
        gateUpdate(key, { limit: agent.maxConcurrency, queueLimit: agent.maxQueue }),
        ...gone.map(([, { pk, sk }]) => ({ Delete: { TableName, Key: { pk, sk } } })),
        ...[...entries.values()].map((Item) => ({ Put: { TableName, Item } })),
      ])
      return failed.length === 0 ? 'replaced' : 'changed'
    },

    async changeStatus(key, { from, revision, to, open, desiredStatus, stopPolicy, reason, dueAt, at }) {
      for (let round = 0; round < ROUNDS; round++) {
        const agent = await get(key.tenant, key.agentId)
        if (!agent) return { result: 'missing' }
        const refused = !from.includes(agent.status) || (revision !== undefined && revision !== agent.revision)
        if (refused) return { result: 'refused', agent }
        const state = { status: to, desiredStatus, stopPolicy, statusReason: reason, updatedAt: at, revision: agent.revision + 1 }
        const due = dueAt === undefined ? { dueShard: undefined, dueAt } : gateDue(key, dueAt)
        const gate = { open, ...due, ...(stopPolicy === 'cancel' && { cancelledThrough: Date.parse(at) }) }
        const failed = await transactWrite(client, [agentUpdate(key, agent.revision, state), gateUpdate(key, gate)])
        if (failed.length === 0) return { result: 'changed', agent: agentSchema.parse({ ...agent, ...state }) }
      }
      throw busy(key)
    },

    async remove(key) {
      for (let round = 0; round < ROUNDS; round++) {
        const agent = await get(key.tenant, key.agentId)
        if (!agent) return 'missing'
        const [failed] = await transactWrite(client, [
          {
            Delete: {
              TableName,
              Key: agentKey(key),
              ConditionExpression: REVISION_HOLDS,
              ExpressionAttributeValues: { ':seen': agent.revision },
            },
          },
          {
            Delete: {
              TableName,
              Key: gateKey(key),
              ConditionExpression: 'attribute_not_exists(active) AND waiting = :none',
              ExpressionAttributeValues: { ':none': 0 },
            },
          },
          countUpdate(key.tenant, -1),
          ...[...indexItems(key.tenant, agent).values()].map(({ pk, sk }) => ({ Delete: { TableName, Key: { pk, sk } } })),
        ])
        if (failed === undefined) return 'removed'
        if (failed > 0) return 'busy'
      }
      throw busy(key)
    },

    async setHealth(key, { health, detail, at }) {
      await conditionalUpdate(client, {
        TableName,
        Key: agentKey(key),
        ...attributeUpdate({ health, healthDetail: detail, healthCheckedAt: at }),
        ConditionExpression: 'attribute_exists(pk)',
      })
    },

    async listDue(now, limit) {
      return (await queryDue(client, TableName, { now, limit })).map(({ pk }) => keyOfGate(pk))
    },

    async postpone(key, { seenAt, dueAt }) {
      const update = attributeUpdate(dueAt === undefined ? { dueShard: undefined, dueAt } : gateDue(key, dueAt))
      await conditionalUpdate(client, {
        TableName,
        Key: gateKey(key),
        ...update,
        ConditionExpression: '#dueAt <= :seenAt',
        ExpressionAttributeValues: { ...update.ExpressionAttributeValues, ':seenAt': seenAt },
      })
    },
  }
}

const busy = ({ agentId }: AgentKey): SluiceError =>
  new SluiceError('unavailable', `the agent "${agentId}" is being changed by others`)

/** The index holds keys only: tenant and id are read from the partition key. */
function keyOfGate(pk: string): AgentKey {
  const [, tenant = '', , agentId = ''] = pk.split('#')
  return { tenant, agentId }
}
