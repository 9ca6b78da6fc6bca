import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import type { AgentKey } from '#shared/agents/gate.ts'
import { type AttributeUpdate, attributeUpdate } from '#shared/platform/dynamo-update.ts'
import { conditionalUpdate, transactWrite } from '#shared/platform/dynamo-writes.ts'
import { NO_LEASE, suspensionKey, suspensionPartition, writerUpdate } from './dynamo-execution-update.ts'
import { releaseSlot } from './dynamo-gate-updates.ts'
import { readExecution } from './dynamo-read-execution.ts'
import { executionKey } from './execution-item.ts'
import type { Suspension } from './execution-record.ts'
import type { ExecutionKey, ExecutionStore } from './execution-store.ts'
import { waitedMsOf } from './waited-ms-of.ts'

/** What a suspended execution must have to wait for, and nobody may have asked it to stop. */
const HAS_TO_WAIT: Record<Suspension['for'], string> = {
  input: 'attribute_not_exists(cancelRequestedAt) AND attribute_exists(pendingApprovals)',
  turn: 'attribute_not_exists(cancelRequestedAt) AND attribute_not_exists(woken)',
  agents: 'attribute_not_exists(cancelRequestedAt) AND attribute_not_exists(woken)',
}

/** Condition of every change of a wait: the one that was read, not a later one. */
const SAME_WAIT = 'attribute_exists(suspended) AND fence = :fence'

/**
 * The moves of executions that wait in the middle of an attempt. Beside each stands an item at `T#<tenant>#SUSPENDED#<agent>` / its id, by which
 * those of an agent are found.
 */
export function dynamoSuspensions(
  client: DynamoDBDocumentClient,
  tables: { executions: string; registry: string },
): Pick<ExecutionStore, 'suspend' | 'wake' | 'noteWake' | 'returnSlot' | 'listSuspended'> {
  const TableName = tables.executions

  const change = (key: ExecutionKey, update: AttributeUpdate, condition: string, values: Record<string, unknown>) => ({
    TableName,
    Key: executionKey(key),
    ...update,
    ConditionExpression: condition,
    ExpressionAttributeValues: { ...update.ExpressionAttributeValues, ...values },
  })

  return {
    async suspend(key, fence, { attempt, usage, postedThrough, suspended, dueAt = suspended.until }) {
      const status = suspended.for === 'input' ? 'waiting_input' : 'queued'
      const facts = { status, attempt, nextAttempt: attempt, usage, postedThrough, suspended, dueAt }
      const update = writerUpdate(TableName, key, fence, { ...facts, ...NO_LEASE })
      const ConditionExpression = `${update.ConditionExpression} AND ${HAS_TO_WAIT[suspended.for]}`
      const items = [
        { Update: { ...update, ConditionExpression } },
        { Put: { TableName, Item: { ...suspensionKey(key), executionId: key.executionId } } },
      ]
      const failed = await transactWrite(client, [...items, { Update: releaseSlot(tables.registry, key, key.executionId) }])
      const written = failed.length === 0 || (!failed.includes(0) && (await transactWrite(client, items)).length === 0)
      if (written) return 'suspended'
      const standing = await readExecution(client, TableName, key)
      if (standing?.fence !== fence) return 'lost'
      if (standing.status === 'running') return 'due'
      // The answer to an earlier try was lost.
      return standing.suspended ? 'suspended' : 'lost'
    },

    async wake(record, { now, dueAt }) {
      const { suspended, fence } = record
      if (!suspended) return 'changed'
      const waitedMs = waitedMsOf(record) + Math.max(0, now - suspended.since)
      const woken = { status: 'queued', suspended: undefined, waitedMs, wokenAt: now, resumedAt: undefined, retryAt: now }
      const update = attributeUpdate({ ...woken, dueAt })
      const failed = await transactWrite(client, [
        { Update: change(record, update, SAME_WAIT, { ':fence': fence }) },
        { Delete: { TableName, Key: suspensionKey(record) } },
      ])
      return failed.length === 0 ? 'woken' : 'changed'
    },

    async noteWake(key) {
      const update = attributeUpdate({ woken: true })
      const { result } = await conditionalUpdate(client, {
        ...change(key, update, '#status = :running', { ':running': 'running' }),
        ExpressionAttributeNames: { ...update.ExpressionAttributeNames, '#status': 'status' },
      })
      return result === 'written' ? 'noted' : 'changed'
    },

    async returnSlot(key) {
      // Nothing changes but the gate: the execution is there for the condition.
      const stays = {
        TableName,
        Key: executionKey(key),
        UpdateExpression: 'SET suspended = suspended',
        ConditionExpression: 'attribute_exists(suspended)',
      }
      const failed = await transactWrite(client, [
        { Update: stays },
        { Update: releaseSlot(tables.registry, key, key.executionId) },
      ])
      return failed.length === 0 ? 'returned' : 'changed'
    },

    async listSuspended(agent: AgentKey, limit) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': suspensionPartition(agent) },
          ConsistentRead: true,
          Limit: limit,
        }),
      )
      return Items.map(({ executionId }) => ({ tenant: agent.tenant, executionId: String(executionId) }))
    },
  }
}
