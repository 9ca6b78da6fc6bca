import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { epochSeconds } from '#shared/platform/clock.ts'
import { tenantSchema } from '#shared/protocol/identifiers.ts'
import { SCOPES } from './principal.ts'
import type { TicketStore } from './ticket-store.ts'

const itemSchema = z.object({
  subject: z.string(),
  tenant: tenantSchema,
  scopes: z.array(z.enum(SCOPES)),
  expiresAtMilliseconds: z.int(),
})

/**
 * Tickets in the streams table: `TICKET#<hash>` / `TICKET`. TTL clears away what nobody redeemed, up to days late, so the exact
 * time stands in the item and is checked.
 */
export function dynamoTicketStore(client: DynamoDBDocumentClient, streamsTable: string): TicketStore {
  const keyOf = (ticketHash: string) => ({ pk: `TICKET#${ticketHash}`, sk: 'TICKET' })
  return {
    async put(ticketHash, principal, expiresAt) {
      const item: z.infer<typeof itemSchema> = {
        subject: principal.subject,
        tenant: principal.tenant,
        scopes: [...principal.scopes],
        expiresAtMilliseconds: expiresAt,
      }
      await client.send(
        new PutCommand({ TableName: streamsTable, Item: { ...keyOf(ticketHash), ...item, expiresAt: epochSeconds(expiresAt) } }),
      )
    },

    async take(ticketHash, now) {
      // Of several deletes at once DynamoDB gives the old item to one only: this is what makes a ticket single-use.
      const { Attributes } = await client.send(
        new DeleteCommand({ TableName: streamsTable, Key: keyOf(ticketHash), ReturnValues: 'ALL_OLD' }),
      )
      if (!Attributes) return undefined
      const { expiresAtMilliseconds, ...principal } = itemSchema.parse(Attributes)
      return expiresAtMilliseconds > now ? principal : undefined
    },
  }
}
