import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { isOver } from '#shared/platform/retention.ts'
import { executionKey, fromItem } from './execution-item.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionKey } from './execution-store.ts'

/** An execution as it stands now; none when its time is over. */
export async function readExecution(
  client: DynamoDBDocumentClient,
  table: string,
  key: ExecutionKey,
  clock: Clock = systemClock,
): Promise<ExecutionRecord | undefined> {
  const { Item } = await client.send(new GetCommand({ TableName: table, Key: executionKey(key), ConsistentRead: true }))
  return Item && !isOver(Item, clock.now()) ? fromItem(Item) : undefined
}
