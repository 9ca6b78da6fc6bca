import { isDeepStrictEqual } from 'node:util'
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { isConditionFailure, itemBefore } from '#shared/platform/dynamo-errors.ts'
import { erasureSchema } from '#shared/protocol/erasure.ts'
import type { Erasure } from './erasure.ts'
import type { ErasureStore } from './erasure-store.ts'
import { ERASURES_PREFIX } from './is-of-tenant.ts'

const counts = z.record(z.string(), z.number())
const itemSchema = erasureSchema.extend({
  pass: z
    .object({ startedAt: z.string(), place: z.number(), cursor: z.string().optional(), looked: counts, found: counts })
    .optional(),
  requestKey: z.string().optional(),
  revision: z.number(),
})

/** Erasures in the registry table: `ERASURES#<id>` / `ERASURE`, outside of their tenants, and without an end. */
export function dynamoErasureStore(client: DynamoDBDocumentClient, registryTable: string): ErasureStore {
  const keyOf = (erasureId: string) => ({ pk: `${ERASURES_PREFIX}${erasureId}`, sk: 'ERASURE' })

  const put = (erasure: Erasure, condition: string, values?: Record<string, unknown>) =>
    client.send(
      new PutCommand({
        TableName: registryTable,
        Item: { ...keyOf(erasure.erasureId), ...erasure },
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    )

  return {
    async create(erasure) {
      try {
        await put(erasure, 'attribute_not_exists(pk)')
        return undefined
      } catch (error) {
        if (!isConditionFailure(error)) throw error
        return itemSchema.parse(itemBefore(error))
      }
    },

    async get(erasureId) {
      const { Item } = await client.send(
        new GetCommand({ TableName: registryTable, Key: keyOf(erasureId), ConsistentRead: true }),
      )
      return Item && itemSchema.parse(Item)
    },

    async save(erasure) {
      try {
        await put(erasure, 'revision = :before', { ':before': erasure.revision - 1 })
        return 'saved'
      } catch (error) {
        if (!isConditionFailure(error)) throw error
        // The client repeats a write whose answer was lost: then what stands there is this very state.
        return isDeepStrictEqual(itemSchema.parse(itemBefore(error)), JSON.parse(JSON.stringify(erasure))) ? 'saved' : 'changed'
      }
    },
  }
}
