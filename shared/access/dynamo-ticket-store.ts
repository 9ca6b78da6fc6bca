import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { epochSeconds } from '#shared/platform/clock.ts'
import { isConditionFailure } from '#shared/platform/dynamo-errors.ts'
import type { TicketStore } from './ticket-store.ts'
import { verifiedPrincipalSchema } from './verified-principal.ts'

const itemSchema = z.object({ principal: verifiedPrincipalSchema, expiresAtMilliseconds: z.int() })

/**
 * Tickets in the streams table: `TICKET#<hash>` / `TICKET`. TTL clears away what nobody redeemed, up to days late, so the exact
 * time stands in the item and is checked.
 */
export function dynamoTicketStore(client: DynamoDBDocumentClient, streamsTable: string): TicketStore {
  const keyOf = (ticketHash: string) => ({ pk: `TICKET#${ticketHash}`, sk: 'TICKET' })
  return {
    async put(ticketHash, principal, expiresAt) {
      const item: z.infer<typeof itemSchema> = { principal, expiresAtMilliseconds: expiresAt }
      await client.send(
        new PutCommand({ TableName: streamsTable, Item: { ...keyOf(ticketHash), ...item, expiresAt: epochSeconds(expiresAt) } }),
      )
    },

    async take(ticketHash, now) {
      // The condition makes a ticket single-use: without it, deletes at once may each return the item (DynamoDB Local does so).
      const item = await client
        .send(
          new DeleteCommand({
            TableName: streamsTable,
            Key: keyOf(ticketHash),
            ConditionExpression: 'attribute_exists(pk)',
            ReturnValues: 'ALL_OLD',
          }),
        )
        .then(({ Attributes }) => Attributes)
        .catch((error: unknown) => {
          if (isConditionFailure(error)) return undefined
          throw error
        })
      if (!item) return undefined
      const { principal, expiresAtMilliseconds } = itemSchema.parse(item)
      return expiresAtMilliseconds > now ? principal : undefined
    },
  }
}
