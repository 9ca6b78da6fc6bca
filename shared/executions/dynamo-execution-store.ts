import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import { type Clock, epochSeconds, systemClock } from '#shared/platform/clock.ts'
import { queryDue } from '#shared/platform/dynamo-due-index.ts'
import { isConditionFailure, itemBefore } from '#shared/platform/dynamo-errors.ts'
import { conditionalUpdate } from '#shared/platform/dynamo-writes.ts'
import { keptFor } from '#shared/platform/retention.ts'
import { dynamoExecutionEndings } from './dynamo-execution-endings.ts'
import { NO_LEASE, writerUpdate } from './dynamo-execution-update.ts'
import { readExecution } from './dynamo-read-execution.ts'
import { executionKey, fromItem, keyOfExecution, toItem } from './execution-item.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { hasEnded } from './execution-status.ts'
import type { ExecutionKey, ExecutionStore } from './execution-store.ts'
import { rootOf } from './root-of.ts'

/**
 * Executions in the executions table; an ending also writes to the streams table, and to the agent's gate in the registry.
 *
 * @param options.retentionDays - how long an execution is kept after its end; then it is as if it had never been
 * @param options.maxDescendants - MAX_DESCENDANTS when absent
 */
export function dynamoExecutionStore(
  client: DynamoDBDocumentClient,
  tables: { executions: string; streams: string; registry: string },
  { retentionDays, clock = systemClock, maxDescendants }: { retentionDays: number; clock?: Clock; maxDescendants?: number },
): ExecutionStore {
  const TableName = tables.executions

  const asWriter = (key: ExecutionKey, fence: number, change: Record<string, unknown>) =>
    conditionalUpdate(client, writerUpdate(TableName, key, fence, change))

  /** Hardly any execution waits for somebody: what that takes is loaded with the first one. */
  const suspensions = async () => (await import('./dynamo-suspensions.ts')).dynamoSuspensions(client, tables)

  /** Most executions have no parent: what counts the others is loaded with the first of them. */
  const countedAmongDescendants = async (record: ExecutionRecord): Promise<boolean> => {
    const { countDescendant } = await import('./dynamo-descendants.ts')
    return countDescendant(client, TableName, record, { most: maxDescendants, ...keptFor(retentionDays, clock.now()) })
  }

  return {
    async create(record, dueAt) {
      if (rootOf(record) !== undefined && !(await countedAmongDescendants(record))) {
        const standing = await readExecution(client, TableName, record, clock)
        return standing ? { result: 'exists', record: standing } : { result: 'refused' }
      }
      try {
        await client.send(
          new PutCommand({
            TableName,
            Item: toItem(record, dueAt),
            ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
            ExpressionAttributeValues: { ':now': epochSeconds(clock.now()) },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        )
        return { result: 'created' }
      } catch (error) {
        if (!isConditionFailure(error)) throw error
        return { result: 'exists', record: fromItem(itemBefore(error)) }
      }
    },

    get: (key) => readExecution(client, TableName, key, clock),

    async getMany(tenant, executionIds, { without } = {}) {
      const { readExecutions } = await import('./dynamo-read-executions.ts')
      const keys = executionIds.map((executionId) => executionKey({ tenant, executionId }))
      return [...(await readExecutions(client, TableName, keys, without, clock)).values()]
    },

    async list(list, page) {
      const { listExecutions } = await import('./dynamo-execution-list.ts')
      return listExecutions(client, TableName, list, page, clock)
    },

    async acquire(key, { owner, now, expiresAt, tookSlot }) {
      const mayStart = 'attribute_not_exists(place) AND attribute_not_exists(awaitsTurn) AND attribute_not_exists(suspended)'
      const hasSlot = tookSlot ? mayStart : `${mayStart} AND attribute_not_exists(retryAt)`
      const { result, item } = await conditionalUpdate(client, {
        TableName,
        Key: executionKey(key),
        UpdateExpression:
          'SET #status = :running, leaseOwner = :owner, leaseExpiresAt = :expiresAt, dueAt = :expiresAt, startedAt = if_not_exists(startedAt, :time), resumedAt = if_not_exists(resumedAt, :now), attempt = nextAttempt, nextAttempt = nextAttempt + :one REMOVE retryAt, woken ADD fence :one',
        ConditionExpression: `(#status = :queued AND ${hasSlot}) OR (#status = :running AND leaseExpiresAt < :now)`,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':running': 'running',
          ':queued': 'queued',
          ':owner': owner,
          ':expiresAt': expiresAt,
          ':now': now,
          ':time': new Date(now).toISOString(),
          ':one': 1,
        },
        ReturnValues: 'ALL_NEW',
      })
      if (!item) return { result: 'missing' }
      const record = fromItem(item)
      if (result === 'written') return { result: 'acquired', record }
      if (hasEnded(record.status)) return { result: 'ended', record }
      if (record.status === 'queued' || record.suspended) return { result: 'parked', record }
      // The client repeats an update whose answer was lost: then the lease that stands there is this very one.
      return { result: record.leaseOwner === owner ? 'acquired' : 'held', record }
    },

    async renew(key, fence, { expiresAt, attempt, usage, postedThrough }) {
      const { result } = await asWriter(key, fence, {
        ...{ leaseExpiresAt: expiresAt, dueAt: expiresAt, attempt, nextAttempt: attempt + 1, usage, postedThrough },
      })
      return result === 'written' ? 'renewed' : 'lost'
    },

    async saveCheckpoint(key, fence, { attempt, usage, postedThrough, checkpoint }) {
      const { result } = await asWriter(key, fence, { attempt, nextAttempt: attempt + 1, usage, postedThrough, checkpoint })
      return result === 'written' ? 'saved' : 'lost'
    },

    async handOver(key, fence, { attempt, usage, postedThrough, dueAt }) {
      const change = { status: 'queued', attempt, nextAttempt: attempt, usage, postedThrough, dueAt, ...NO_LEASE }
      const { result, item } = await asWriter(key, fence, change)
      if (result === 'written') return 'queued'
      // The answer to an earlier try may have been lost: then it is queued by this writer.
      const standing = item && fromItem(item)
      return standing?.status === 'queued' && standing.fence === fence ? 'queued' : 'lost'
    },

    async takeTurn(key, dueAt) {
      const { result } = await conditionalUpdate(client, {
        TableName,
        Key: executionKey(key),
        UpdateExpression: 'SET dueAt = :dueAt REMOVE awaitsTurn',
        ConditionExpression: '#status = :queued AND attribute_exists(awaitsTurn)',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':queued': 'queued', ':dueAt': dueAt },
      })
      return result === 'written' ? 'taken' : 'changed'
    },

    async requestCancel(key, at) {
      const { result } = await conditionalUpdate(client, {
        TableName,
        Key: executionKey(key),
        UpdateExpression: 'SET cancelRequestedAt = if_not_exists(cancelRequestedAt, :at)',
        ConditionExpression: '#status = :running',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':at': at, ':running': 'running' },
      })
      return result === 'written' ? 'requested' : 'changed'
    },

    async listDue(now, limit) {
      return (await queryDue(client, TableName, { now, limit })).map(({ pk }) => keyOfExecution(pk))
    },

    async postpone(key, dueAt) {
      await conditionalUpdate(client, {
        TableName,
        Key: executionKey(key),
        UpdateExpression: 'SET dueAt = :dueAt',
        ConditionExpression: 'attribute_exists(dueAt)',
        ExpressionAttributeValues: { ':dueAt': dueAt },
      })
    },

    suspend: async (key, fence, state) => (await suspensions()).suspend(key, fence, state),
    wake: async (record, time) => (await suspensions()).wake(record, time),
    noteWake: async (key) => (await suspensions()).noteWake(key),
    returnSlot: async (key) => (await suspensions()).returnSlot(key),
    listSuspended: async (agent, limit) => (await suspensions()).listSuspended(agent, limit),

    ...dynamoExecutionEndings(client, tables, { retentionDays, clock }),
  }
}
