import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { throwAwsError } from '#shared/platform/aws-errors.ts'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { isConditionFailure, itemBefore } from '#shared/platform/dynamo-errors.ts'
import { isOver, keptFor } from '#shared/platform/retention.ts'
import { BATCH_MODES } from '#shared/protocol/batch.ts'
import { errorCodeSchema, fieldErrorSchema } from '#shared/protocol/problem.ts'
import type { BatchKey, BatchRecord } from './batch-record.ts'
import type { BatchStore } from './batch-store.ts'

const refusedSchema = z.record(
  z.string(),
  z.object({ code: errorCodeSchema, detail: z.string(), errors: z.array(fieldErrorSchema).optional() }),
)

const batchSchema = z.object({
  tenant: z.string(),
  batchId: z.string(),
  mode: z.enum(BATCH_MODES),
  stopOnError: z.boolean(),
  agentIds: z.array(z.string()),
  requestHash: z.string(),
  createdAt: z.string(),
  refused: refusedSchema.optional(),
})

const batchKey = ({ tenant, batchId }: BatchKey) => ({ pk: `T#${tenant}#BATCH#${batchId}`, sk: 'BATCH' })

const failure = throwAwsError('the table of batches')

/** Batches in the executions table, at `T#<tenant>#BATCH#<id>` / `BATCH`. */
export function dynamoBatchStore(
  client: DynamoDBDocumentClient,
  executionsTable: string,
  { retentionDays, clock = systemClock }: { retentionDays: number; clock?: Clock },
): BatchStore {
  const TableName = executionsTable

  return {
    async create(record) {
      const put = new PutCommand({
        TableName,
        Item: { ...batchKey(record), ...record, ...keptFor(retentionDays, clock.now()) },
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      })
      try {
        await client.send(put)
        return record
      } catch (error) {
        return isConditionFailure(error) ? toBatch(itemBefore(error)) : failure(error)
      }
    },

    async get(key) {
      const read = new GetCommand({ TableName, Key: batchKey(key), ConsistentRead: true })
      const { Item } = await client.send(read).catch(failure)
      return Item && !isOver(Item, clock.now()) ? toBatch(Item) : undefined
    },

    async settle(key, refused) {
      const update = new UpdateCommand({
        TableName,
        Key: batchKey(key),
        UpdateExpression: 'SET refused = if_not_exists(refused, :refused)',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':refused': refused },
        ReturnValues: 'ALL_NEW',
      })
      const { Attributes } = await client.send(update).catch(failure)
      return toBatch(Attributes).refused ?? refused
    },
  }
}

const toBatch = (item: unknown): BatchRecord => batchSchema.parse(item)
