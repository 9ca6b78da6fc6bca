import type { AgentKey } from '#shared/agents/gate.ts'
import { attributeUpdate } from '#shared/platform/dynamo-update.ts'
import { executionKey } from './execution-item.ts'
import type { ExecutionKey, SlotKey } from './execution-store.ts'

/** Removes the lease. */
export const NO_LEASE = { leaseOwner: undefined, leaseExpiresAt: undefined }

/**
 * A change of an execution by its writer, which fails unless the fence holds; for use alone or within a transaction.
 *
 * @param change - attributes with their new values; those that are undefined are removed
 */
export function writerUpdate(table: string, key: ExecutionKey, fence: number, change: Record<string, unknown>) {
  const update = attributeUpdate(change)
  return {
    TableName: table,
    Key: executionKey(key),
    ...update,
    ConditionExpression: '#status = :running AND fence = :fence',
    ExpressionAttributeNames: { ...update.ExpressionAttributeNames, '#status': 'status' },
    ExpressionAttributeValues: { ...update.ExpressionAttributeValues, ':running': 'running', ':fence': fence },
  }
}

/** Partition of an agent's suspended executions in the executions table. */
export const suspensionPartition = ({ tenant, agentId }: AgentKey): string => `T#${tenant}#SUSPENDED#${agentId}`

/** Where an execution stands among the suspended ones of its agent. */
export const suspensionKey = (key: SlotKey): { pk: string; sk: string } => ({
  pk: suspensionPartition(key),
  sk: key.executionId,
})

/**
 * A change of an execution that nobody runs, which fails unless it is queued, and in that place of the mailbox (in none when absent), or
 * suspended where that is said; for use within a transaction.
 *
 * @param change - attributes with their new values; those that are undefined are removed
 */
export function queuedUpdate(
  table: string,
  key: ExecutionKey,
  place: string | undefined,
  change: Record<string, unknown>,
  { suspended = false }: { suspended?: boolean } = {},
) {
  const update = attributeUpdate(change)
  const values = { ...update.ExpressionAttributeValues, ':queued': 'queued', ...(suspended && { ':waiting': 'waiting_input' }) }
  const status = suspended
    ? '#status IN (:queued, :waiting) AND attribute_exists(suspended)'
    : '#status = :queued AND attribute_not_exists(suspended)'
  return {
    TableName: table,
    Key: executionKey(key),
    ...update,
    ConditionExpression: `${status} AND ${place === undefined ? 'attribute_not_exists(place)' : 'place = :here'}`,
    ExpressionAttributeNames: { ...update.ExpressionAttributeNames, '#status': 'status' },
    ExpressionAttributeValues: place === undefined ? values : { ...values, ':here': place },
  }
}
