import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { throwAwsError } from '#shared/platform/aws-errors.ts'
import { epochSeconds } from '#shared/platform/clock.ts'
import { queryAll } from '#shared/platform/dynamo-query-all.ts'
import { conditionalUpdate } from '#shared/platform/dynamo-writes.ts'
import { type Breaker, WHOLE } from './breaker.ts'
import { BREAKER_KEPT_MS, type BreakerKey, type BreakerStore, type StoredBreaker } from './breaker-store.ts'

const itemSchema = z.object({
  sk: z.string(),
  breaker: z.object({
    failures: z.int().nonnegative(),
    failingSince: z.number(),
    failedAt: z.number(),
    openUntil: z.number().optional(),
    successes: z.int().nonnegative(),
    probeUntil: z.number().optional(),
  }),
  revision: z.int().positive(),
})

const partition = (tenant: string): string => `T#${tenant}#BREAKER`
const keyOf = ({ tenant, provider, service, model }: BreakerKey) => ({
  pk: partition(tenant),
  sk: `${provider}#${service}#${model}`,
})

/** Breakers in the streams table. Neither providers nor services have a `#` in their names. */
export function dynamoBreakerStore(client: DynamoDBDocumentClient, streamsTable: string): BreakerStore {
  const unavailable = throwAwsError('the table')
  return {
    async get(key) {
      const { Item } = await client.send(new GetCommand({ TableName: streamsTable, Key: keyOf(key) })).catch(unavailable)
      return stored(Item)
    },

    async put(key, breaker, revision, now) {
      const next: StoredBreaker = { breaker, revision: revision + 1 }
      const { result, item } = await conditionalUpdate(client, {
        TableName: streamsTable,
        Key: keyOf(key),
        UpdateExpression: 'SET breaker = :breaker, revision = :next, expiresAt = :expiresAt',
        ConditionExpression: revision === 0 ? 'attribute_not_exists(revision)' : 'revision = :known',
        ExpressionAttributeValues: {
          ':breaker': defined(breaker),
          ':next': next.revision,
          ':expiresAt': epochSeconds(now + BREAKER_KEPT_MS),
          ...(revision > 0 && { ':known': revision }),
        },
      })
      return result === 'written' ? { ...next, written: true } : { ...stored(item), written: false }
    },

    async list(tenant) {
      const items = await queryAll(client, {
        TableName: streamsTable,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': partition(tenant) },
      }).catch(unavailable)
      return items.map((item) => {
        const { sk, breaker, revision } = itemSchema.parse(item)
        const [provider = '', service = '', ...model] = sk.split('#')
        return { key: { tenant, provider, service, model: model.join('#') }, breaker, revision }
      })
    },
  }
}

function stored(item: unknown): StoredBreaker {
  if (!item) return { breaker: WHOLE, revision: 0 }
  const { breaker, revision } = itemSchema.parse(item)
  return { breaker, revision }
}

/** DynamoDB stores no `undefined`, whatever a client is told to do with it. */
const defined = (breaker: Breaker): Partial<Breaker> =>
  Object.fromEntries(Object.entries(breaker).filter(([, value]) => value !== undefined))
