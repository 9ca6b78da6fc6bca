import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type Clock, epochSeconds } from '#shared/platform/clock.ts'
import { cancellationCodes, isConditionFailure } from '#shared/platform/dynamo-errors.ts'
import { queryAll } from '#shared/platform/dynamo-query-all.ts'
import { retryOnConflict } from '#shared/platform/retry-on-conflict.ts'
import { CONNECTION_TTL_SECONDS, headKey, SUBSCRIPTION_PREFIX, subscriptionKey } from './stream-keys.ts'
import type { LiveSubscription, SubscriberKey, ViewersRef } from './subscription-store.ts'

export const headSchema = z.object({
  version: z.number().default(0),
  cancelRequested: z.boolean().default(false),
  shards: z.number().default(0),
  /** How many are live: for a new one's place, and for nothing that must be exact. */
  viewers: z.number().default(0),
})
const subscriptionSchema = z.object({
  connectionId: z.string(),
  operation: z.string().optional(),
  subscriptionId: z.string(),
  until: z.number(),
  view: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('flat') }),
      z.object({
        kind: z.literal('graphql'),
        id: z.string(),
        key: z.string(),
        fields: z.array(z.tuple([z.string(), z.string()])),
      }),
    ])
    .optional(),
  packed: z.boolean().optional(),
  answer: z.object({ responseTo: z.string().optional() }).optional(),
  cursor: z.number(),
})

export type DynamoViewers = ReturnType<typeof dynamoViewers>

/** The viewers of a channel as the streams table has them: what senders need, and what handovers are made of. */
export function dynamoViewers(client: DynamoDBDocumentClient, table: string, clock: Clock) {
  /** When an item may be deleted that is written now. */
  const ttl = (): number => epochSeconds(clock.now()) + CONNECTION_TTL_SECONDS
  const write = (TransactItems: TransactWriteCommandInput['TransactItems']) =>
    retryOnConflict(() => client.send(new TransactWriteCommand({ TransactItems })))
  /** The change of the live subscriptions that writers look out for. */
  const bump = (ref: ViewersRef, viewers: -1 | 0 | 1) => ({
    Update: {
      TableName: table,
      Key: headKey(ref),
      UpdateExpression: 'ADD #version :one, viewers :viewers SET expiresAt = :expiresAt',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':one': 1, ':viewers': viewers, ':expiresAt': ttl() },
    },
  })

  return {
    client,
    table,
    clock,
    ttl,
    write,
    bump,

    async readHead(ref: ViewersRef): Promise<z.infer<typeof headSchema>> {
      const { Item } = await client.send(new GetCommand({ TableName: table, Key: headKey(ref), ConsistentRead: true }))
      return headSchema.parse(Item ?? {})
    },

    async listLive(ref: ViewersRef, andEnded = false): Promise<LiveSubscription[]> {
      const items = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        FilterExpression: 'attribute_exists(#cursor)',
        ExpressionAttributeNames: { '#cursor': 'cursor' },
        ExpressionAttributeValues: { ':pk': headKey(ref).pk, ':prefix': SUBSCRIPTION_PREFIX },
        ConsistentRead: true,
      })
      const now = clock.now()
      return items.map((item) => subscriptionSchema.parse(item)).filter(({ until }) => andEnded || until > now)
    },

    async remove(ref: ViewersRef, subscriber: SubscriberKey, subscriptionId?: string): Promise<void> {
      const item = { TableName: table, Key: subscriptionKey(ref, subscriber), ExpressionAttributeNames: { '#cursor': 'cursor' } }
      const mine = subscriptionId === undefined ? '' : ' AND subscriptionId = :id'
      const values = subscriptionId !== undefined && { ExpressionAttributeValues: { ':id': subscriptionId } }
      const live = { ...item, ...values, ConditionExpression: `attribute_exists(#cursor)${mine}` }
      const replaying = { ...item, ...values, ConditionExpression: `attribute_not_exists(#cursor)${mine}` }
      // It may go live between the two.
      for (let tries = 1; tries <= 2; tries++) {
        try {
          await write([{ Delete: live }, bump(ref, -1)])
          return
        } catch (error) {
          if (cancellationCodes(error)?.[0] !== 'ConditionalCheckFailed') throw error
        }
        try {
          await retryOnConflict(() => client.send(new DeleteCommand(replaying)))
          return
        } catch (error) {
          if (!isConditionFailure(error)) throw error
        }
      }
    },
  }
}
