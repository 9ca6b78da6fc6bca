import { type DynamoDBDocumentClient, GetCommand, paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { gateKey, toGate } from '#shared/agents/dynamo-gate-item.ts'
import type { AgentKey } from '#shared/agents/gate.ts'
import { conditionalUpdate } from '#shared/platform/dynamo-writes.ts'
import type { AdmissionStore } from './admission-store.ts'
import { releaseSlot, takeSlot } from './dynamo-gate-updates.ts'
import { mailboxPartition, toWaiting } from './dynamo-mailbox-item.ts'
import { dynamoMailboxMoves } from './dynamo-mailbox-moves.ts'

/** Gates in the registry table, mailboxes in the executions table: an item at `T#<tenant>#MAIL#<agent>` / place for each that waits. */
export function dynamoAdmissionStore(
  client: DynamoDBDocumentClient,
  tables: { executions: string; registry: string },
): AdmissionStore {
  const gate = async (agent: AgentKey) => {
    const { Item } = await client.send(new GetCommand({ TableName: tables.registry, Key: gateKey(agent), ConsistentRead: true }))
    return toGate(Item)
  }

  return {
    gate,

    async takeSlot(record, now) {
      const { result, item } = await conditionalUpdate(client, takeSlot(tables.registry, record, now))
      if (result === 'written') return { result: 'taken' }
      const standing = toGate(item)
      return standing ? { result: 'refused', gate: standing } : { result: 'missing' }
    },

    async listWaiting(agent, limit) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tables.executions,
          KeyConditionExpression: 'pk = :mailbox',
          ExpressionAttributeValues: { ':mailbox': mailboxPartition(agent) },
          ConsistentRead: true,
          Limit: limit,
        }),
      )
      return Items.map(toWaiting)
    },

    async countBefore(record) {
      if (record.place === undefined) return 0
      const pages = paginateQuery(
        { client },
        {
          TableName: tables.executions,
          KeyConditionExpression: 'pk = :mailbox AND sk < :place',
          ExpressionAttributeValues: { ':mailbox': mailboxPartition(record), ':place': record.place },
          ConsistentRead: true,
          Select: 'COUNT',
        },
      )
      let before = 0
      for await (const { Count = 0 } of pages) before += Count
      return before
    },

    async releaseSlot(agent, executionId) {
      await conditionalUpdate(client, releaseSlot(tables.registry, agent, executionId))
    },

    ...dynamoMailboxMoves(client, tables, gate),
  }
}
