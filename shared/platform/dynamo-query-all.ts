import { type DynamoDBDocumentClient, paginateQuery, type QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import { SluiceError } from './errors.ts'

/**
 * All items of a query: one answer of DynamoDB holds a megabyte at the most, so it may take several.
 *
 * @param most - how many there may be where nobody knows a limit
 * @throws SluiceError `payload_too_large` when there are more; no further answer is asked for
 */
export async function queryAll(
  client: DynamoDBDocumentClient,
  query: QueryCommandInput,
  most = Number.POSITIVE_INFINITY,
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = []
  for await (const { Items = [] } of paginateQuery({ client }, query)) {
    for (const item of Items) items.push(item)
    if (items.length > most) throw new SluiceError('payload_too_large', `there are more than ${most} items: ask for less`)
  }
  return items
}
