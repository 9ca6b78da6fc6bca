import { BatchWriteCommand, type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { sleep } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { ErasurePlace } from './erasure-place.ts'
import { isOfTenant } from './is-of-tenant.ts'

/** Most deletes of one BatchWriteItem. Source: AWS, API reference. */
const MAX_BATCH = 25
/** Tries for what a batch left out because the table was busy. */
const MAX_TRIES = 10
const PAUSE_MS = 100

const keySchema = z.object({ pk: z.string(), sk: z.string() })
const owner = z.unknown().optional()
const itemSchema = keySchema.extend({ tenant: owner, principal: z.object({ tenant: owner }).optional().catch(undefined) })

type Key = z.infer<typeof keySchema>

/** A table, a page of a scan a step: 1 MB, read consistently. */
export function dynamoErasurePlace(client: DynamoDBDocumentClient, name: string, table: string): ErasurePlace {
  async function remove(keys: Key[], signal: AbortSignal): Promise<void> {
    let wanted = keys.map((Key) => ({ DeleteRequest: { Key } }))
    for (let tries = 0; wanted.length > 0; tries++) {
      if (tries === MAX_TRIES) throw new SluiceError('unavailable', `the table "${table}" is busy`)
      if (tries > 0) await sleep(PAUSE_MS * tries, signal)
      const { UnprocessedItems } = await client.send(new BatchWriteCommand({ RequestItems: { [table]: wanted } }))
      wanted = (UnprocessedItems?.[table] ?? []).map(({ DeleteRequest }) => ({
        DeleteRequest: { Key: keySchema.parse(DeleteRequest?.Key) },
      }))
    }
  }

  async function step(tenant: string, cursor: string | undefined, signal: AbortSignal) {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        ProjectionExpression: 'pk, sk, #tenant, principal.#tenant',
        ExpressionAttributeNames: { '#tenant': 'tenant' },
        ...(cursor !== undefined && { ExclusiveStartKey: keySchema.parse(JSON.parse(cursor)) }),
      }),
    )
    const items = Items.map((item) => itemSchema.parse(item))
    const found = items.filter((item) => isOfTenant(tenant, item)).map(({ pk, sk }) => ({ pk, sk }))
    for (let from = 0; from < found.length; from += MAX_BATCH) await remove(found.slice(from, from + MAX_BATCH), signal)
    return {
      looked: items.length,
      found: found.length,
      ...(LastEvaluatedKey && { next: JSON.stringify(keySchema.parse(LastEvaluatedKey)) }),
    }
  }

  return {
    name,
    erase: (tenant, cursor, signal) =>
      step(tenant, cursor, signal).catch((error: unknown) => {
        throw fromAwsError(error, `the table "${table}"`)
      }),
  }
}
