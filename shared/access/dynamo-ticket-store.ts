import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { epochSeconds } from '#shared/platform/clock.ts'
import { isConditionFailure } from '#shared/platform/dynamo-errors.ts'
import { BOUND_TICKET_MS, type TicketStore } from './ticket-store.ts'
import { verifiedPrincipalSchema } from './verified-principal.ts'

const itemSchema = z.object({ principal: verifiedPrincipalSchema, expiresAtMilliseconds: z.int() })

/**
 * Tickets in the streams table: `TICKET#<hash>` / `TICKET`. TTL clears away what nobody redeemed, up to days late, so the exact
 * time stands in the item and is checked. A ticket that is bound has `boundTo` and the time of its last use.
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
      const item = await unlessRefused(
        client.send(
          new DeleteCommand({
            TableName: streamsTable,
            Key: keyOf(ticketHash),
            ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(boundTo)',
            ReturnValues: 'ALL_OLD',
          }),
        ),
      )
      if (!item) return undefined
      const { principal, expiresAtMilliseconds } = itemSchema.parse(item)
      return expiresAtMilliseconds > now ? principal : undefined
    },

    async bind(ticketHash, use, now) {
      const item = await unlessRefused(
        client.send(
          new UpdateCommand({
            TableName: streamsTable,
            Key: keyOf(ticketHash),
            UpdateExpression: 'SET boundTo = :use, usedAt = :now, expiresAt = :gone',
            ConditionExpression:
              '(attribute_not_exists(boundTo) AND expiresAtMilliseconds > :now) OR (boundTo = :use AND usedAt > :idle AND principal.expiresAt > :now)',
            ExpressionAttributeValues: {
              ':use': use,
              ':now': now,
              ':idle': now - BOUND_TICKET_MS,
              ':gone': epochSeconds(now + BOUND_TICKET_MS),
            },
            ReturnValues: 'ALL_NEW',
          }),
        ),
      )
      return item && itemSchema.parse(item).principal
    },
  }
}

/** The item that a write shows; undefined when its condition did not hold. */
async function unlessRefused(
  write: Promise<{ Attributes?: Record<string, unknown> | undefined }>,
): Promise<Record<string, unknown> | undefined> {
  try {
    return (await write).Attributes
  } catch (error) {
    if (isConditionFailure(error)) return undefined
    throw error
  }
}
