import { type DynamoDBDocumentClient, paginateQuery, type QueryCommandInput } from '@aws-sdk/lib-dynamodb'

/** All items of a query: one answer of DynamoDB holds a megabyte at the most, so it may take several. */
export async function queryAll(client: DynamoDBDocumentClient, query: QueryCommandInput): Promise<Record<string, unknown>[]> {
  const pages = await Array.fromAsync(paginateQuery({ client }, query))
  return pages.flatMap(({ Items = [] }) => Items)
}
