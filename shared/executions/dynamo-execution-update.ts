import { attributeUpdate } from '#shared/platform/dynamo-update.ts'
import { executionKey } from './execution-item.ts'
import type { ExecutionKey } from './execution-store.ts'

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

/**
 * A change of an execution that nobody runs, which fails unless it is queued, and in that place of the mailbox (in none when absent); for
 * use within a transaction.
 *
 * @param change - attributes with their new values; those that are undefined are removed
 */
export function queuedUpdate(table: string, key: ExecutionKey, place: string | undefined, change: Record<string, unknown>) {
  const update = attributeUpdate(change)
  const values = { ...update.ExpressionAttributeValues, ':queued': 'queued' }
  return {
    TableName: table,
    Key: executionKey(key),
    ...update,
    ConditionExpression: `#status = :queued AND ${place === undefined ? 'attribute_not_exists(place)' : 'place = :here'}`,
    ExpressionAttributeNames: { ...update.ExpressionAttributeNames, '#status': 'status' },
    ExpressionAttributeValues: place === undefined ? values : { ...values, ':here': place },
  }
}
