import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { cancellationCodes, isConditionFailure, isTransactionConflict, itemBefore } from '#shared/platform/dynamo-errors.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { DUE_SHARDS, INDEX } from '#shared/platform/names.ts'
import { retryOnConflict } from '#shared/platform/retry-on-conflict.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { logEntryPut } from '#shared/streams/dynamo-stream-log.ts'
import { dueShardName, executionKey, fromItem, toItem } from './execution-item.ts'
import { hasEnded } from './execution-status.ts'
import type { ExecutionKey, ExecutionStore } from './execution-store.ts'

/** Executions in the executions table; an ending also writes to the streams table. */
export function dynamoExecutionStore(
  client: DynamoDBDocumentClient,
  tables: { executions: string; streams: string },
  clock: Clock = systemClock,
): ExecutionStore {
  const TableName = tables.executions
  const HELD = '#status = :running AND fence = :fence'

  async function dueOf(shard: number, now: number, limit: number): Promise<{ key: ExecutionKey; dueAt: number }[]> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName,
        IndexName: INDEX.due,
        KeyConditionExpression: 'dueShard = :shard AND dueAt < :now',
        ExpressionAttributeValues: { ':shard': dueShardName(shard), ':now': now },
        Limit: limit,
      }),
    )
    return Items.map((item) => ({ key: keyOf(String(item.pk)), dueAt: Number(item.dueAt) }))
  }

  return {
    async create(record, dueAt) {
      try {
        await client.send(
          new PutCommand({
            TableName,
            Item: toItem(record, dueAt),
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        )
        return { result: 'created' }
      } catch (error) {
        if (!isConditionFailure(error)) throw error
        return { result: 'exists', record: fromItem(itemBefore(error)) }
      }
    },

    async get(key) {
      const { Item } = await client.send(new GetCommand({ TableName, Key: executionKey(key), ConsistentRead: true }))
      return Item && fromItem(Item)
    },

    async acquire(key, { owner, now, expiresAt }) {
      try {
        const { Attributes } = await client.send(
          new UpdateCommand({
            TableName,
            Key: executionKey(key),
            UpdateExpression:
              'SET #status = :running, leaseOwner = :owner, leaseExpiresAt = :expiresAt, dueAt = :expiresAt, startedAt = if_not_exists(startedAt, :time) ADD fence :one, attempt :one',
            ConditionExpression: '#status = :queued OR (#status = :running AND leaseExpiresAt < :now)',
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
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        )
        return { result: 'acquired', record: fromItem(Attributes) }
      } catch (error) {
        if (!isConditionFailure(error)) throw error
        const item = itemBefore(error)
        if (!item) return { result: 'missing' }
        const record = fromItem(item)
        if (hasEnded(record.status)) return { result: 'ended', record }
        // The client repeats an update whose answer was lost: then the lease that stands there is this very one.
        return { result: record.leaseOwner === owner ? 'acquired' : 'held', record }
      }
    },

    async renew(key, fence, { expiresAt, attempt, postedThrough }) {
      try {
        await client.send(
          new UpdateCommand({
            TableName,
            Key: executionKey(key),
            UpdateExpression:
              'SET leaseExpiresAt = :expiresAt, dueAt = :expiresAt, attempt = :attempt, postedThrough = :postedThrough',
            ConditionExpression: HELD,
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':running': 'running',
              ':fence': fence,
              ':expiresAt': expiresAt,
              ':attempt': attempt,
              ':postedThrough': postedThrough,
            },
          }),
        )
        return 'renewed'
      } catch (error) {
        if (isConditionFailure(error)) return 'lost'
        throw error
      }
    },

    async end(key, fence, { status, endedAt, output, error, usage, events }) {
      const facts = Object.entries({ output, error, usage }).filter(([, value]) => value !== undefined)
      const update = {
        TableName,
        Key: executionKey(key),
        UpdateExpression: `SET #status = :status, endedAt = :endedAt${facts.map(([name]) => `, #${name} = :${name}`).join('')} REMOVE leaseOwner, leaseExpiresAt, dueShard, dueAt`,
        ConditionExpression: HELD,
        ExpressionAttributeNames: { '#status': 'status', ...Object.fromEntries(facts.map(([name]) => [`#${name}`, name])) },
        ExpressionAttributeValues: {
          ':status': status,
          ':endedAt': endedAt,
          ':running': 'running',
          ':fence': fence,
          ...Object.fromEntries(facts.map(([name, value]) => [`:${name}`, value])),
        },
      }
      try {
        await retryOnConflict(() =>
          client.send(
            new TransactWriteCommand({
              TransactItems: [{ Update: update }, { Put: logEntryPut(tables.streams, executionRef(key), events, clock) }],
            }),
          ),
        )
        return 'ended'
      } catch (failure) {
        if (isTransactionConflict(failure)) throw new SluiceError('unavailable', 'the tables are busy', { cause: failure })
        if (!cancellationCodes(failure)?.includes('ConditionalCheckFailed')) throw fromAwsError(failure, 'the executions table')
        // The answer to an earlier try may have been lost: then this writer's ending stands.
        const standing = await this.get(key)
        return standing?.fence === fence && hasEnded(standing.status) ? 'ended' : 'lost'
      }
    },

    async listDue(now, limit) {
      const shards = Array.from({ length: DUE_SHARDS }, (_, shard) => dueOf(shard, now, limit))
      const due = (await Promise.all(shards)).flat().sort((a, b) => a.dueAt - b.dueAt)
      return due.slice(0, limit).map(({ key }) => key)
    },

    async postpone(key, dueAt) {
      try {
        await client.send(
          new UpdateCommand({
            TableName,
            Key: executionKey(key),
            UpdateExpression: 'SET dueAt = :dueAt',
            ConditionExpression: 'attribute_exists(dueAt)',
            ExpressionAttributeValues: { ':dueAt': dueAt },
          }),
        )
      } catch (error) {
        if (!isConditionFailure(error)) throw error
      }
    },
  }
}

/** The index holds keys only: tenant and id are read from the partition key. */
function keyOf(pk: string): ExecutionKey {
  const [, tenant = '', , ...id] = pk.split('#')
  return { tenant, executionId: id.join('#') }
}
