import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { epochSeconds } from '#shared/platform/clock.ts'
import { isConditionFailure } from '#shared/platform/dynamo-errors.ts'
import type { CallbackBudgetStore } from './callback-budget-store.ts'
import { CALLBACK_BUDGET_KEY } from './stream-keys.ts'

const itemSchema = z.object({ steps: z.number(), raisedAt: z.number() })

/** Longer than any pressure lasts, in seconds. */
const TTL_SECONDS = 3_600

/** One small item for the whole account, in the streams table. Reads cost half a unit: what they miss comes with the next one. */
export function dynamoCallbackBudgetStore(client: DynamoDBDocumentClient, table: string): CallbackBudgetStore {
  return {
    async read() {
      const { Item } = await client.send(new GetCommand({ TableName: table, Key: CALLBACK_BUDGET_KEY }))
      if (!Item) return undefined
      const { steps, raisedAt: at } = itemSchema.parse(Item)
      return { steps, at }
    },
    async replace(before, { steps, at }) {
      const put = new PutCommand({
        TableName: table,
        Item: { ...CALLBACK_BUDGET_KEY, steps, raisedAt: at, expiresAt: epochSeconds(at) + TTL_SECONDS },
        ConditionExpression: before ? 'raisedAt = :before' : 'attribute_not_exists(pk)',
        ...(before && { ExpressionAttributeValues: { ':before': before.at } }),
      })
      await client.send(put).catch((error: unknown) => {
        if (!isConditionFailure(error)) throw error
      })
    },
  }
}
