import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Activity, ActivityStore } from './activity-store.ts'

/** Items over which the counts of a tenant are spread, so that no key takes all writes. */
const PARTS = 4
const PARTITION = 'ACTIVITY'

const activitySchema = z.object({ messages: z.number(), errors: z.number() })

/** Activity in the streams table: `ACTIVITY` / `<tenant>#<part>`. One write a message; the sum over all tenants is one query. */
export function dynamoActivityStore(client: DynamoDBDocumentClient, table: string): ActivityStore {
  async function sumOf(prefix: string): Promise<Activity> {
    const sum = { messages: 0, errors: 0 }
    let start: Record<string, unknown> | undefined
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': PARTITION, ...(prefix !== '' && { ':prefix': prefix }) },
          ExclusiveStartKey: start,
        }),
      )
      for (const item of page.Items ?? []) {
        const { messages, errors } = activitySchema.parse(item)
        sum.messages += messages
        sum.errors += errors
      }
      start = page.LastEvaluatedKey
    } while (start)
    return sum
  }

  return {
    async add(tenant, { messages, errors }) {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: { pk: PARTITION, sk: `${tenant}#${Math.floor(Math.random() * PARTS)}` },
          UpdateExpression: 'ADD messages :messages, errors :errors',
          ExpressionAttributeValues: { ':messages': messages, ':errors': errors },
        }),
      )
    },
    of: (tenant) => sumOf(`${tenant}#`),
    total: () => sumOf(''),
  }
}
