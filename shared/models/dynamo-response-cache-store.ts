import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { throwAwsError } from '#shared/platform/aws-errors.ts'
import { epochSeconds } from '#shared/platform/clock.ts'
import type { ResponseCacheStore, ResponseKey } from './response-cache-store.ts'

/** The events need no schema: we stored them ourselves, after their adapter had checked them. */
const itemSchema = z.object({ events: z.string(), untilMs: z.number() })

const keyOf = ({ tenant, hash }: ResponseKey) => ({ pk: `T#${tenant}#LLMCACHE#${hash}`, sk: 'ANSWER' })

/** Answers in the streams table, one item each. */
export function dynamoResponseCacheStore(client: DynamoDBDocumentClient, streamsTable: string): ResponseCacheStore {
  const unavailable = throwAwsError('the table')
  return {
    async get(key, now) {
      const { Item } = await client.send(new GetCommand({ TableName: streamsTable, Key: keyOf(key) })).catch(unavailable)
      if (!Item) return undefined
      const { events, untilMs } = itemSchema.parse(Item)
      // DynamoDB deletes expired items late.
      return untilMs > now ? (JSON.parse(events) as LlmEvent[]) : undefined
    },
    async put(key, events, expiresAt) {
      const Item = { ...keyOf(key), events: JSON.stringify(events), untilMs: expiresAt, expiresAt: epochSeconds(expiresAt) + 1 }
      await client.send(new PutCommand({ TableName: streamsTable, Item })).catch(unavailable)
    },
  }
}
