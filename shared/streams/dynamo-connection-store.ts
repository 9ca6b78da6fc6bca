import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { verifiedPrincipalSchema } from '#shared/access/verified-principal.ts'
import { type Clock, epochSeconds, systemClock } from '#shared/platform/clock.ts'
import { isConditionFailure } from '#shared/platform/dynamo-errors.ts'
import type { ConnectionStore } from './connection-store.ts'
import { CONNECTION_TTL_SECONDS, connectionKey } from './stream-keys.ts'

const connectionSchema = z.object({
  connectionId: z.string(),
  principal: verifiedPrincipalSchema,
  connectedAt: z.string(),
  greeted: z.boolean(),
  expiresAt: z.number(),
})

/** Connections in the streams table. */
export function dynamoConnectionStore(
  client: DynamoDBDocumentClient,
  table: string,
  clock: Clock = systemClock,
): ConnectionStore {
  return {
    async put(connection) {
      const expiresAt = epochSeconds(clock.now()) + CONNECTION_TTL_SECONDS
      await client.send(
        new PutCommand({ TableName: table, Item: { ...connectionKey(connection.connectionId), ...connection, expiresAt } }),
      )
    },
    async get(connectionId) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: connectionKey(connectionId), ConsistentRead: true }),
      )
      if (!Item) return undefined
      const { expiresAt, ...connection } = connectionSchema.parse(Item)
      return expiresAt > epochSeconds(clock.now()) ? connection : undefined
    },
    async greet(connectionId) {
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: connectionKey(connectionId),
            UpdateExpression: 'SET greeted = :true',
            ConditionExpression: 'greeted = :false',
            ExpressionAttributeValues: { ':true': true, ':false': false },
          }),
        )
        return true
      } catch (error) {
        if (isConditionFailure(error)) return false
        throw error
      }
    },
    async remove(connectionId) {
      await client.send(new DeleteCommand({ TableName: table, Key: connectionKey(connectionId) }))
    },
  }
}
