import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type Clock, epochSeconds, systemClock } from '#shared/platform/clock.ts'
import { cancellationCodes, isConditionFailure, isTransactionConflict } from '#shared/platform/dynamo-errors.ts'
import { retryOnConflict } from '#shared/platform/retry-on-conflict.ts'
import type { ChannelRef } from './channel-ref.ts'
import { CONNECTION_TTL_SECONDS, headKey, logKey, SUBSCRIPTION_PREFIX, subscriptionKey } from './stream-keys.ts'
import type { SubscriptionStore } from './subscription-store.ts'

const headSchema = z.object({
  version: z.number().default(0),
  cancelRequested: z.boolean().default(false),
  posted: z.number().optional(),
})
const liveSchema = z.object({
  connectionId: z.string(),
  subscriptionId: z.string(),
  answer: z.object({ responseTo: z.string().optional() }).optional(),
  cursor: z.number(),
  expiresAt: z.number(),
})

/** Subscriptions and heads in the streams table. A handover is one transaction over subscription, head and log. */
export function dynamoSubscriptionStore(
  client: DynamoDBDocumentClient,
  table: string,
  clock: Clock = systemClock,
): SubscriptionStore {
  const expiresAt = (): number => epochSeconds(clock.now()) + CONNECTION_TTL_SECONDS
  const nothingAt = (ref: ChannelRef, sequence: number) => ({
    ConditionCheck: { TableName: table, Key: logKey(ref, sequence), ConditionExpression: 'attribute_not_exists(pk)' },
  })
  const bump = (ref: ChannelRef) => ({
    TableName: table,
    Key: headKey(ref),
    UpdateExpression: 'ADD #version :one SET expiresAt = :expiresAt',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':one': 1, ':expiresAt': expiresAt() },
  })
  const release = (ref: ChannelRef, owner: string, posted: number) => ({
    TableName: table,
    Key: headKey(ref),
    UpdateExpression: 'SET posted = :posted REMOVE senderOwner, senderUntil',
    ConditionExpression: 'senderOwner = :owner',
    ExpressionAttributeValues: { ':posted': posted, ':owner': owner },
  })

  return {
    async beginReplay(ref, subscription) {
      await client.send(
        new PutCommand({
          TableName: table,
          Item: { ...subscriptionKey(ref, subscription.connectionId), ...subscription, expiresAt: expiresAt() },
        }),
      )
    },

    async goLive(ref, subscription, cursor) {
      const handover = {
        TableName: table,
        Key: subscriptionKey(ref, subscription.connectionId),
        UpdateExpression: 'SET #cursor = :cursor',
        ConditionExpression: 'subscriptionId = :id',
        ExpressionAttributeNames: { '#cursor': 'cursor' },
        ExpressionAttributeValues: { ':cursor': cursor, ':id': subscription.subscriptionId },
      }
      try {
        await retryOnConflict(() =>
          client.send(
            new TransactWriteCommand({
              TransactItems: [nothingAt(ref, cursor + 1), { Update: handover }, { Update: bump(ref) }],
            }),
          ),
        )
        return 'live'
      } catch (error) {
        const codes = cancellationCodes(error)
        if (codes?.[1] === 'ConditionalCheckFailed') return 'replaced'
        // A conflict that lasts is an append that is being written right now: there is something to post.
        if (codes?.[0] === 'ConditionalCheckFailed' || isTransactionConflict(error)) return 'behind'
        throw error
      }
    },

    async head(ref, isolated = false) {
      const key = { TableName: table, Key: headKey(ref) }
      const item = isolated
        ? (await retryOnConflict(() => client.send(new TransactGetCommand({ TransactItems: [{ Get: key }] })))).Responses?.[0]
            ?.Item
        : (await client.send(new GetCommand({ ...key, ConsistentRead: true }))).Item
      const { version, cancelRequested } = headSchema.parse(item ?? {})
      return { version, cancelRequested }
    },

    async requestCancel(ref) {
      await retryOnConflict(() =>
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: headKey(ref),
            UpdateExpression: 'SET cancelRequested = :true, expiresAt = :expiresAt',
            ExpressionAttributeValues: { ':true': true, ':expiresAt': expiresAt() },
          }),
        ),
      )
    },

    async listLive(ref) {
      const { pk } = headKey(ref)
      const now = epochSeconds(clock.now())
      const items: unknown[] = []
      let start: Record<string, unknown> | undefined
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
            FilterExpression: 'attribute_exists(#cursor)',
            ExpressionAttributeNames: { '#cursor': 'cursor' },
            ExpressionAttributeValues: { ':pk': pk, ':prefix': SUBSCRIPTION_PREFIX },
            ConsistentRead: true,
            ExclusiveStartKey: start,
          }),
        )
        items.push(...(page.Items ?? []))
        start = page.LastEvaluatedKey
      } while (start)
      return items.map((item) => liveSchema.parse(item)).filter((live) => live.expiresAt > now)
    },

    async remove(ref, connectionId, subscriptionId) {
      const onlyThis = subscriptionId !== undefined && {
        ConditionExpression: 'subscriptionId = :id',
        ExpressionAttributeValues: { ':id': subscriptionId },
      }
      const removed = await client
        .send(
          new DeleteCommand({
            TableName: table,
            Key: subscriptionKey(ref, connectionId),
            ReturnValues: 'ALL_OLD',
            ...onlyThis,
          }),
        )
        .then(({ Attributes }) => Attributes)
        .catch((error: unknown) => {
          if (isConditionFailure(error)) return undefined
          throw error
        })
      if (removed?.cursor !== undefined) await retryOnConflict(() => client.send(new UpdateCommand(bump(ref))))
    },

    async takeSender(ref, owner, { now, until }) {
      try {
        const { Attributes } = await retryOnConflict(() =>
          client.send(
            new UpdateCommand({
              TableName: table,
              Key: headKey(ref),
              UpdateExpression: 'SET senderOwner = :owner, senderUntil = :until',
              // The client repeats an update whose answer was lost: then the role is the owner's already.
              ConditionExpression:
                'attribute_exists(pk) AND (attribute_not_exists(senderUntil) OR senderUntil < :now OR senderOwner = :owner)',
              ExpressionAttributeValues: { ':owner': owner, ':until': until, ':now': now },
              ReturnValues: 'ALL_NEW',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          ),
        )
        const { posted } = headSchema.parse(Attributes)
        return posted === undefined ? { result: 'taken' } : { result: 'taken', posted }
      } catch (error) {
        if (!isConditionFailure(error)) throw error
        return { result: (error as { Item?: unknown }).Item ? 'busy' : 'nobody' }
      }
    },

    async releaseSender(ref, owner, posted) {
      const TransactItems = [nothingAt(ref, posted + 1), { Update: release(ref, owner, posted) }]
      try {
        await retryOnConflict(() => client.send(new TransactWriteCommand({ TransactItems })))
        return 'released'
      } catch (error) {
        const codes = cancellationCodes(error)
        if (codes?.[1] === 'ConditionalCheckFailed') return 'lost'
        if (codes?.[0] === 'ConditionalCheckFailed' || isTransactionConflict(error)) return 'behind'
        throw error
      }
    },

    async yieldSender(ref, owner, posted) {
      await retryOnConflict(() => client.send(new UpdateCommand(release(ref, owner, posted)))).catch((error: unknown) => {
        if (!isConditionFailure(error)) throw error
      })
    },
  }
}
