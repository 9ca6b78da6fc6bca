import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { epochSeconds } from '#shared/platform/clock.ts'
import { cancellationCodes, isConditionFailure, isTransactionConflict } from '#shared/platform/dynamo-errors.ts'
import { retryOnConflict } from '#shared/platform/retry-on-conflict.ts'
import { VIEWERS_PER_SHARD } from '#shared/protocol/limits.ts'
import type { DynamoViewers } from './dynamo-viewers.ts'
import { headKey, subscriptionKey } from './stream-keys.ts'
import { nothingAt } from './stream-log-conditions.ts'
import { PROLONG_MARGIN_MS, type Subscription, type SubscriptionStore, type ViewersRef } from './subscription-store.ts'

/** How long a subscription that has ended can be found, in seconds. */
const ENDED_TTL_SECONDS = 3_600

/** Most tries of what two requests of one connection, or a shard that is given up, may cross. */
const MAX_TRIES = 3

type ShardRef = ViewersRef & { shard: number }

/** How subscriptions begin and last. A handover is one transaction over subscription, head and log. */
export function dynamoHandovers(
  viewers: DynamoViewers,
): Pick<SubscriptionStore, 'placeFor' | 'beginReplay' | 'goLive' | 'prolong' | 'dropShard'> {
  const { client, table, clock, ttl, write, bump, readHead, listLive, remove } = viewers
  /** The database deletes what has ended. A while later: who removes it counts it out. */
  const ttlUntil = (until: number): number => Math.min(epochSeconds(until) + ENDED_TTL_SECONDS, ttl())
  const mainHead = ({ tenant, channel }: ViewersRef) => ({ TableName: table, Key: headKey({ tenant, channel }) })

  /** The channel's head shows the shard, and lives as long as anybody in it may. */
  const isShown = ({ shard, ...ref }: ShardRef) => ({
    Update: {
      ...mainHead(ref),
      UpdateExpression: 'SET expiresAt = :expiresAt',
      ConditionExpression: 'shards >= :shard',
      ExpressionAttributeValues: { ':shard': shard, ':expiresAt': ttl() },
    },
  })

  async function showShard({ shard, ...ref }: ShardRef): Promise<void> {
    const update = new UpdateCommand({
      ...mainHead(ref),
      UpdateExpression: 'SET shards = :shard, expiresAt = :expiresAt',
      ConditionExpression: 'attribute_not_exists(shards) OR shards < :shard',
      ExpressionAttributeValues: { ':shard': shard, ':expiresAt': ttl() },
    })
    await retryOnConflict(() => client.send(update)).catch((error: unknown) => {
      if (!isConditionFailure(error)) throw error
    })
  }

  /** Whether it went live already, and the answer was lost. */
  async function isLive(ref: ViewersRef, subscription: Subscription): Promise<boolean> {
    const Key = subscriptionKey(ref, subscription)
    const { Item } = await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }))
    return Item?.subscriptionId === subscription.subscriptionId && Item.cursor !== undefined
  }

  return {
    async placeFor({ tenant, channel }) {
      const ref = { tenant, channel }
      const { viewers, shards } = await readHead(ref)
      if (viewers < VIEWERS_PER_SHARD) return ref
      const places = Array.from({ length: shards }, (_, index) => ({ ...ref, shard: index + 1 }))
      const heads = await Promise.all(places.map(readHead))
      const free = heads.findIndex((head) => head.viewers < VIEWERS_PER_SHARD)
      return places[free] ?? { ...ref, shard: shards + 1 }
    },

    async beginReplay(ref, subscription) {
      const put = new PutCommand({
        TableName: table,
        Item: { ...subscriptionKey(ref, subscription), ...subscription, expiresAt: ttlUntil(subscription.until) },
        ConditionExpression: 'attribute_not_exists(#cursor)',
        ExpressionAttributeNames: { '#cursor': 'cursor' },
      })
      for (let tries = 1; ; tries++) {
        try {
          await retryOnConflict(() => client.send(put))
          return
        } catch (error) {
          if (!isConditionFailure(error) || tries === MAX_TRIES) throw error
          await remove(ref, subscription)
        }
      }
    },

    async goLive(ref, subscription, cursor) {
      const { shard } = ref
      const handover = {
        TableName: table,
        Key: subscriptionKey(ref, subscription),
        UpdateExpression: 'SET #cursor = :cursor',
        ConditionExpression: 'subscriptionId = :id AND attribute_not_exists(#cursor)',
        ExpressionAttributeNames: { '#cursor': 'cursor' },
        ExpressionAttributeValues: { ':cursor': cursor, ':id': subscription.subscriptionId },
      }
      for (let tries = 1; tries <= MAX_TRIES; tries++) {
        try {
          const shown = shard === undefined ? [] : [isShown({ ...ref, shard })]
          await write([nothingAt(table, ref, cursor + 1), { Update: handover }, bump(ref, 1), ...shown])
          return 'live'
        } catch (error) {
          const [nothing, mine, , shown] = cancellationCodes(error) ?? []
          if (mine === 'ConditionalCheckFailed') return (await isLive(ref, subscription)) ? 'live' : 'replaced'
          // A conflict that lasts is an append that is being written right now: there is something to post.
          if (nothing === 'ConditionalCheckFailed' || isTransactionConflict(error)) return 'behind'
          if (shown !== 'ConditionalCheckFailed' || shard === undefined) throw error
          await showShard({ ...ref, shard })
        }
      }
      return 'behind'
    },

    async prolong(ref, subscriber, until) {
      const prolonged = {
        TableName: table,
        Key: subscriptionKey(ref, subscriber),
        UpdateExpression: 'SET #until = :until, expiresAt = :expiresAt',
        ConditionExpression: '#until > :soon',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: {
          ':until': until,
          ':expiresAt': ttlUntil(until),
          ':soon': clock.now() + PROLONG_MARGIN_MS,
        },
      }
      try {
        await write([{ Update: prolonged }, bump(ref, 0)])
      } catch (error) {
        if (cancellationCodes(error)?.[0] !== 'ConditionalCheckFailed') throw error
      }
    },

    async dropShard(ref) {
      const { version } = await readHead(ref)
      if ((await listLive(ref, true)).length > 0) return
      const drop = {
        ...mainHead(ref),
        UpdateExpression: 'SET shards = :below',
        ConditionExpression: 'shards = :shard',
        ExpressionAttributeValues: { ':shard': ref.shard, ':below': ref.shard - 1 },
      }
      const unchanged = {
        TableName: table,
        Key: headKey(ref),
        ConditionExpression: version === 0 ? 'attribute_not_exists(#version)' : '#version = :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ...(version > 0 && { ExpressionAttributeValues: { ':version': version } }),
      }
      // Somebody came, or it is not the last one: it stays.
      await write([{ Update: drop }, { ConditionCheck: unchanged }]).catch((error: unknown) => {
        if (cancellationCodes(error) === undefined && !isTransactionConflict(error)) throw error
      })
    },
  }
}
