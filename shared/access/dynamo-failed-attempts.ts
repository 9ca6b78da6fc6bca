import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { FailedAttempts } from './failed-attempts.ts'

/** How long a count is kept, in seconds. */
const KEPT_SECONDS = 300

const itemSchema = z.object({ attempts: z.int() })

/** Counts in the streams table: `FAILED#<address>` / `<minute>`, with TTL. */
export function dynamoFailedAttempts(client: DynamoDBDocumentClient, streamsTable: string): FailedAttempts {
  return {
    async add(address, minute) {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName: streamsTable,
          Key: { pk: `FAILED#${address}`, sk: String(minute) },
          UpdateExpression: 'SET expiresAt = :gone ADD attempts :one',
          ExpressionAttributeValues: { ':gone': minute * 60 + KEPT_SECONDS, ':one': 1 },
          ReturnValues: 'ALL_NEW',
        }),
      )
      return itemSchema.parse(Attributes).attempts
    },
  }
}
