import {
  type DynamoDBDocumentClient,
  PutCommand,
  paginateQuery,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb'
import { type Clock, DAY_MS, epochSeconds, systemClock } from '#shared/platform/clock.ts'
import { isConditionFailure } from '#shared/platform/dynamo-errors.ts'

export type Item = Record<string, unknown>
/** Items of a partition between two sort keys, both included. */
export type Range = { pk: string; from: string; to: string }
type QueryOptions = { newestFirst?: boolean; limit?: number; consistent?: boolean }

/** The audit table as all who use it see it: items are put once and read, and there is nothing else. */
export function auditTable(client: DynamoDBDocumentClient, TableName: string, clock: Clock = systemClock) {
  const input = ({ pk, from, to }: Range, { newestFirst, limit, consistent }: QueryOptions): QueryCommandInput => ({
    TableName,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to },
    ScanIndexForward: newestFirst !== true,
    ...(consistent && { ConsistentRead: true }),
    ...(limit !== undefined && { Limit: limit }),
  })
  const isKept = ({ expiresAt }: Item): boolean => Number(expiresAt) > epochSeconds(clock.now())

  return {
    /** @returns `taken` when there is an item with this key, which stays as it is */
    async putOnce(item: Item & { pk: string; sk: string; expiresAt: number }, signal?: AbortSignal): Promise<'put' | 'taken'> {
      try {
        const put = new PutCommand({ TableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' })
        await client.send(put, signal ? { abortSignal: signal } : {})
        return 'put'
      } catch (error) {
        if (isConditionFailure(error)) return 'taken'
        throw error
      }
    },

    /** One page, without what has expired. */
    async page(range: Range, options: QueryOptions): Promise<{ items: Item[]; more: boolean }> {
      const { Items = [], LastEvaluatedKey } = await client.send(new QueryCommand(input(range, options)))
      return { items: Items.filter(isKept), more: LastEvaluatedKey !== undefined }
    },

    /** All of them, page by page. */
    async *all(range: Range, options: QueryOptions = {}): AsyncGenerator<Item> {
      for await (const { Items = [] } of paginateQuery({ client }, input(range, options))) yield* Items.filter(isKept)
    },
  }
}

/** All items of a day expire together, so that a chain ends as a whole. Seconds since the epoch. */
export const expiryOf = (day: string, retentionDays: number): number =>
  epochSeconds(Date.parse(day) + (retentionDays + 1) * DAY_MS)

/** An item without what it is stored by. */
export function contentOf({ pk: _pk, sk: _sk, expiresAt: _expiresAt, ...content }: Item): Item {
  return content
}
