import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import { executionKey, fromItem } from './execution-item.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionKey } from './execution-store.ts'

/** An execution as it stands now. */
export async function readExecution(
  client: DynamoDBDocumentClient,
  table: string,
  key: ExecutionKey,
): Promise<ExecutionRecord | undefined> {
  const { Item } = await client.send(new GetCommand({ TableName: table, Key: executionKey(key), ConsistentRead: true }))
  return Item && fromItem(Item)
}
