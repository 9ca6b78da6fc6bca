import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { DUE_SHARDS, INDEX } from './names.ts'
import { shardOf } from './shard-of.ts'

const dueSchema = z.object({ pk: z.string(), sk: z.string(), dueAt: z.number() })

/** Key of an item that the sweeper must look at. */
export type DueItem = z.infer<typeof dueSchema>

const shardName = (shard: number): string => `DUE#${shard}`

/** Attribute `dueShard` of an item: partition of the index `due`, always the same one for the same name. */
export const dueShard = (name: string): string => shardName(shardOf(name, DUE_SHARDS))

/**
 * Items of the sparse index `due` whose time is before `now`, the longest overdue first. The index lags behind its table.
 *
 * @param now - milliseconds since the epoch
 */
export async function queryDue(
  client: DynamoDBDocumentClient,
  table: string,
  { now, limit }: { now: number; limit: number },
): Promise<DueItem[]> {
  const ofShard = async (shard: number): Promise<DueItem[]> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: INDEX.due,
        KeyConditionExpression: 'dueShard = :shard AND dueAt < :now',
        ExpressionAttributeValues: { ':shard': shardName(shard), ':now': now },
        Limit: limit,
      }),
    )
    return Items.map((item) => dueSchema.parse(item))
  }
  const shards = await Promise.all(Array.from({ length: DUE_SHARDS }, (_, shard) => ofShard(shard)))
  return shards
    .flat()
    .sort((a, b) => a.dueAt - b.dueAt)
    .slice(0, limit)
}
