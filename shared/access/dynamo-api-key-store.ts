import { type DynamoDBDocumentClient, GetCommand, QueryCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { DAY_MS, epochSeconds } from '#shared/platform/clock.ts'
import { encodeCursor } from '#shared/platform/cursor.ts'
import { isConditionFailure } from '#shared/platform/dynamo-errors.ts'
import { decodeIdCursor } from '#shared/platform/id-cursor.ts'
import { apiKeySchema } from '#shared/protocol/api-key.ts'
import { tenantSchema } from '#shared/protocol/identifiers.ts'
import type { ApiKeyRef, ApiKeyStore } from './api-key-store.ts'

/** How long a key that has ended is still listed, in milliseconds. */
const LISTED_AFTER_END_MS = 30 * DAY_MS

const pointerSchema = z.object({ tenant: tenantSchema, keyId: z.string() })
/** The key stands in an attribute of its own, since `expiresAt` is the TTL of an item. */
const itemSchema = z.object({ apiKey: apiKeySchema, hash: z.string(), lastUsedAt: z.string().optional() })

const keyIn = (item: unknown) => {
  const { apiKey, lastUsedAt } = itemSchema.parse(item)
  return lastUsedAt === undefined ? apiKey : { ...apiKey, lastUsedAt }
}

/**
 * API keys in the registry table: `T#<tenant>#APIKEYS` / `KEY#<id>`, so that one query finds a tenant's, and `APIKEY#<hash>` / `KEY`, which says
 * whose key a text is.
 */
export function dynamoApiKeyStore(client: DynamoDBDocumentClient, registryTable: string): ApiKeyStore {
  const pkOf = (tenant: string) => `T#${tenant}#APIKEYS`
  const keyOf = ({ tenant, keyId }: ApiKeyRef) => ({ pk: pkOf(tenant), sk: `KEY#${keyId}` })
  const pointerOf = (hash: string) => ({ pk: `APIKEY#${hash}`, sk: 'KEY' })
  const itemAt = async (Key: Record<string, string>) =>
    (await client.send(new GetCommand({ TableName: registryTable, Key, ConsistentRead: true }))).Item

  return {
    async put(tenant, apiKey, hash) {
      const ref = { tenant, keyId: apiKey.keyId }
      const ttl = apiKey.expiresAt && { expiresAt: epochSeconds(Date.parse(apiKey.expiresAt) + LISTED_AFTER_END_MS) }
      const items = [
        { ...keyOf(ref), apiKey, hash, ...ttl },
        { ...pointerOf(hash), ...ref, ...ttl },
      ]
      await client.send(
        new TransactWriteCommand({
          TransactItems: items.map((Item) => ({
            Put: { TableName: registryTable, Item, ConditionExpression: 'attribute_not_exists(pk)' },
          })),
        }),
      )
    },

    async get(ref) {
      const item = await itemAt(keyOf(ref))
      return item && keyIn(item)
    },

    async find(hash) {
      const item = await itemAt(pointerOf(hash))
      return item && pointerSchema.parse(item)
    },

    async list(tenant, { limit, after }) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: registryTable,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pkOf(tenant) },
          ConsistentRead: true,
          Limit: limit,
          ...(after !== undefined && { ExclusiveStartKey: keyOf({ tenant, keyId: decodeIdCursor(after) }) }),
        }),
      )
      const apiKeys = Items.map(keyIn)
      const last = apiKeys.at(-1)
      return { apiKeys, ...(last && LastEvaluatedKey && { next: encodeCursor(last.keyId) }) }
    },

    async count(tenant) {
      const { Count = 0 } = await client.send(
        new QueryCommand({
          TableName: registryTable,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pkOf(tenant) },
          Select: 'COUNT',
        }),
      )
      return Count
    },

    async remove(ref) {
      const item = await itemAt(keyOf(ref))
      if (!item) return 'missing'
      const { hash } = itemSchema.parse(item)
      await client.send(
        new TransactWriteCommand({
          TransactItems: [keyOf(ref), pointerOf(hash)].map((Key) => ({ Delete: { TableName: registryTable, Key } })),
        }),
      )
      return 'removed'
    },

    async touch(ref, lastUsedAt) {
      await client
        .send(
          new UpdateCommand({
            TableName: registryTable,
            Key: keyOf(ref),
            UpdateExpression: 'SET lastUsedAt = :now',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeValues: { ':now': lastUsedAt },
          }),
        )
        .catch((error: unknown) => {
          if (!isConditionFailure(error)) throw error
        })
    },
  }
}
