import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { verifiedPrincipalSchema } from '#shared/access/verified-principal.ts'
import { type Clock, epochSeconds, systemClock } from '#shared/platform/clock.ts'
import { queryAll } from '#shared/platform/dynamo-query-all.ts'
import { conditionalUpdate } from '#shared/platform/dynamo-writes.ts'
import { newId } from '#shared/platform/ids.ts'
import { tenantSchema } from '#shared/protocol/identifiers.ts'
import { GRAPHQL_SUBPROTOCOL, SOCKET_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import { FOLLOWED_PREFIX, followedKey } from './connection-keys.ts'
import type { ConnectionStore } from './connection-store.ts'
import { CONNECTION_TTL_SECONDS, connectionKey } from './stream-keys.ts'

export const connectionItemSchema = z.object({
  connectionId: z.string(),
  principal: verifiedPrincipalSchema.optional(),
  protocol: z.enum([SOCKET_SUBPROTOCOL, GRAPHQL_SUBPROTOCOL]),
  view: z.object({ kind: z.literal('flat') }).optional(),
  agentId: z.string().optional(),
  opening: z.array(z.object({ channel: z.string(), after: z.number().optional() })),
  connectedAt: z.string(),
  greeted: z.boolean(),
  expiresAt: z.number(),
})

export const followedItemSchema = z.object({
  tenant: tenantSchema,
  channel: z.string(),
  shard: z.number().optional(),
  operation: z.string().optional(),
})

/** Connections in the streams table: `CONN#<id>` / `CONN`, and beside it `SUB#<channel>#<operation>` for each thing that it follows. */
export function dynamoConnectionStore(
  client: DynamoDBDocumentClient,
  table: string,
  clock: Clock = systemClock,
): ConnectionStore {
  const expiresAt = (): number => epochSeconds(clock.now()) + CONNECTION_TTL_SECONDS
  const isKnown = async (connectionId: string): Promise<boolean> => {
    const get = { TableName: table, Key: connectionKey(connectionId), ProjectionExpression: 'pk', ConsistentRead: true }
    return (await client.send(new GetCommand(get))).Item !== undefined
  }

  const store: ConnectionStore = {
    async put(connection) {
      const item = { ...connectionKey(connection.connectionId), ...connection, expiresAt: expiresAt() }
      await client.send(new PutCommand({ TableName: table, Item: item }))
    },

    async get(connectionId) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: connectionKey(connectionId), ConsistentRead: true }),
      )
      if (!Item) return undefined
      const { expiresAt, ...connection } = connectionItemSchema.parse(Item)
      return expiresAt > epochSeconds(clock.now()) ? connection : undefined
    },

    async greet(connectionId) {
      const { result } = await conditionalUpdate(client, {
        TableName: table,
        Key: connectionKey(connectionId),
        UpdateExpression: 'SET greeted = :true, greeting = :greeting',
        // The client repeats an update whose answer was lost: then the greeting is this caller's already.
        ConditionExpression: 'greeted = :false OR greeting = :greeting',
        ExpressionAttributeValues: { ':true': true, ':false': false, ':greeting': newId() },
      })
      return result === 'written'
    },

    async authenticate(connectionId, principal) {
      const { result, item } = await conditionalUpdate(client, {
        TableName: table,
        Key: connectionKey(connectionId),
        UpdateExpression: 'SET principal = :principal',
        ConditionExpression:
          'attribute_exists(pk) AND (attribute_not_exists(principal) OR (principal.subject = :subject AND principal.tenant = :tenant))',
        ExpressionAttributeValues: {
          ':principal': principal,
          ':subject': principal.subject,
          ':tenant': principal.tenant,
        },
      })
      if (result === 'written') return 'authenticated'
      return item ? 'foreign' : 'gone'
    },

    async remove(connectionId) {
      await client.send(new DeleteCommand({ TableName: table, Key: connectionKey(connectionId) }))
    },

    async addSubscription(connectionId, subscription) {
      const item = { ...followedKey(connectionId, subscription), ...subscription, expiresAt: expiresAt() }
      const { Attributes } = await client.send(new PutCommand({ TableName: table, Item: item, ReturnValues: 'ALL_OLD' }))
      // Whoever forgets a connection looks at what it follows afterwards: one of the two sees the other.
      if (await isKnown(connectionId)) {
        return { result: 'added', ...(Attributes && { replaced: followedItemSchema.parse(Attributes) }) }
      }
      await store.removeSubscription(connectionId, subscription)
      return { result: 'gone' }
    },

    async removeSubscription(connectionId, key) {
      const { Attributes } = await client.send(
        new DeleteCommand({ TableName: table, Key: followedKey(connectionId, key), ReturnValues: 'ALL_OLD' }),
      )
      return Attributes && followedItemSchema.parse(Attributes)
    },

    async subscriptions(connectionId) {
      const items = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': connectionKey(connectionId).pk, ':prefix': FOLLOWED_PREFIX },
        ConsistentRead: true,
      })
      return items.map((item) => followedItemSchema.parse(item))
    },
  }
  return store
}
