import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { epochSeconds } from '#shared/platform/clock.ts'
import { conditionalUpdate } from '#shared/platform/dynamo-writes.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { isWhole, type Terms, termsOf } from './bucket.ts'
import type { BucketKey, BucketStore, TakeResult } from './bucket-store.ts'

const bucketSchema = z.object({ wholeAt: z.number().optional(), closed: z.boolean().optional() })

type Bucket = z.infer<typeof bucketSchema>

/** DynamoDB has no `max`: a bucket that is whole and one that is not are two updates, each on condition that it is the right one. */
const FROM_WHOLE = {
  UpdateExpression: 'SET wholeAt = :first, expiresAt = :expiresAt',
  ConditionExpression:
    'attribute_not_exists(closed) AND (attribute_not_exists(wholeAt) OR wholeAt <= :now OR wholeAt > :impossible)',
}
const FROM_REST = {
  UpdateExpression: 'SET wholeAt = wholeAt + :cost, expiresAt = :expiresAt',
  ConditionExpression: 'attribute_not_exists(closed) AND wholeAt > :now AND wholeAt <= :latest',
}

/** Three do, unless the bucket expires in between. */
const MAX_ROUNDS = 4

/**
 * Buckets in the streams table; they expire once they are whole. A request is one update where the caller knows the bucket or it is whole, two
 * where it is not, and three when somebody else was first to take from a whole one: the time only grows, so there is no fourth.
 */
export function dynamoBucketStore(client: DynamoDBDocumentClient, streamsTable: string): BucketStore {
  async function update(
    Key: BucketKey,
    from: 'whole' | 'rest',
    terms: Terms,
    windowMs: number,
  ): Promise<Bucket & { taken: boolean }> {
    const { now, cost, latest, impossible } = terms
    const values = from === 'whole' ? { ':first': now + cost, ':impossible': impossible } : { ':cost': cost, ':latest': latest }
    const expiresAt = epochSeconds(now / 1_000 + 2 * windowMs)
    const { result, item } = await conditionalUpdate(client, {
      TableName: streamsTable,
      Key,
      ...(from === 'whole' ? FROM_WHOLE : FROM_REST),
      ExpressionAttributeValues: { ':now': now, ':expiresAt': expiresAt, ...values },
      ReturnValues: 'ALL_NEW',
    })
    return { ...bucketSchema.parse(item ?? {}), taken: result === 'written' }
  }

  return {
    async take(key, { rate, now, requests, known }): Promise<TakeResult> {
      const terms = termsOf(rate, now, requests)
      let wholeAt = known
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const bucket = await update(key, isWhole(wholeAt, terms) ? 'whole' : 'rest', terms, rate.windowMs)
        if (bucket.closed) return { result: 'closed' }
        wholeAt = bucket.wholeAt
        if (wholeAt === undefined || isWhole(wholeAt, terms)) continue
        if (bucket.taken) return { result: 'taken', wholeAt }
        if (wholeAt > terms.latest) return { result: 'empty', wholeAt }
      }
      throw new SluiceError('unavailable', 'the bucket is busy')
    },

    async peek(Key) {
      const { Item } = await client.send(new GetCommand({ TableName: streamsTable, Key }))
      return bucketSchema.parse(Item ?? {}).wholeAt
    },
  }
}
