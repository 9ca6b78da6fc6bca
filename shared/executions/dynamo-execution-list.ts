import { type DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Clock } from '#shared/platform/clock.ts'
import { encodeCursor } from '#shared/platform/cursor.ts'
import { readExecutions } from './dynamo-read-executions.ts'
import { placesBetween } from './execution-cursor.ts'
import { type ListPartition, partitionsOf } from './execution-lists.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionList, ExecutionListPage } from './execution-store.ts'

/** What the indexes hold of an execution. */
const entrySchema = z.object({ pk: z.string(), sk: z.string(), agentSk: z.string() })

type Entry = z.infer<typeof entrySchema>
type Places = { low: string; high: string }

/**
 * A page of a list, the newest first: the keys from the index, which lags behind, the records from the table, as they are now. Executions
 * that are in the index but no longer in the table, or whose time is over, are left out. A list in several partitions is merged by place, which no two share: the
 * page ends at a place before which every partition was read.
 */
export async function listExecutions(
  client: DynamoDBDocumentClient,
  table: string,
  list: ExecutionList,
  { limit, after, without }: ExecutionListPage,
  clock?: Clock,
): Promise<{ executions: ExecutionRecord[]; next?: string }> {
  const places = placesBetween({ ...list, after })
  if (places.low >= places.high) return { executions: [] }
  const query = (partition: ListPartition) => newestOf(client, table, { partition, places, limit })
  const found = (await Promise.all(partitionsOf(list).map(query))).flat()
  const page = found.sort((one, other) => (one.agentSk < other.agentSk ? 1 : -1)).slice(0, limit)
  const records = await readExecutions(client, table, page, without, clock)
  const executions = page.flatMap(({ pk }) => records.get(pk) ?? [])
  const last = page.at(-1)
  return { executions, ...(last && found.length > limit && { next: encodeCursor(last.agentSk) }) }
}

/** The newest places of a partition. @returns at least one more than `limit` where there are so many */
export async function newestOf(
  client: DynamoDBDocumentClient,
  table: string,
  { partition, places: { low, high }, limit }: { partition: ListPartition; places: Places; limit: number },
): Promise<Entry[]> {
  const { indexName, attribute, value } = partition
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      IndexName: indexName,
      KeyConditionExpression: '#pk = :pk AND agentSk BETWEEN :low AND :high',
      ExpressionAttributeNames: { '#pk': attribute },
      ExpressionAttributeValues: { ':pk': value, ':low': low, ':high': high },
      ScanIndexForward: false,
      // One more tells whether there is a next page; and BETWEEN shows the place at its end, where the page before ended.
      Limit: limit + 2,
    },
  )
  const found: Entry[] = []
  for await (const { Items = [] } of pages) {
    found.push(...Items.map((item) => entrySchema.parse(item)).filter(({ agentSk }) => agentSk < high))
    if (found.length > limit) break
  }
  return found
}
