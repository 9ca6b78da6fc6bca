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
import { VIEWERS_PER_SHARD } from '#shared/protocol/limits.ts'
import type { ChannelRef } from './channel-ref.ts'
import { dynamoSenderRole, nothingAt } from './dynamo-sender-role.ts'
import { CONNECTION_TTL_SECONDS, headKey, SUBSCRIPTION_PREFIX, subscriptionKey } from './stream-keys.ts'
import {
  type LiveSubscription,
  PROLONG_MARGIN_MS,
  type SubscriberKey,
  type Subscription,
  type SubscriptionStore,
  type ViewersRef,
} from './subscription-store.ts'

const headSchema = z.object({
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

/** How long a subscription that has ended can be found, in seconds. */
const ENDED_TTL_SECONDS = 3_600

/** Most tries of what two requests of one connection, or a shard that is given up, may cross. */
const MAX_TRIES = 3

/** Subscriptions and heads in the streams table. A handover is one transaction over subscription, head and log. */
export function dynamoSubscriptionStore(
  client: DynamoDBDocumentClient,
  table: string,
  clock: Clock = systemClock,
): SubscriptionStore {
  const ttl = (): number => epochSeconds(clock.now()) + CONNECTION_TTL_SECONDS
  /** The database deletes what has ended. A while later: who removes it counts it out. */
  const ttlUntil = (until: number): number => Math.min(epochSeconds(until) + ENDED_TTL_SECONDS, ttl())
  const write = (TransactItems: ConstructorParameters<typeof TransactWriteCommand>[0]['TransactItems']) =>
    retryOnConflict(() => client.send(new TransactWriteCommand({ TransactItems })))
  const mainHead = ({ tenant, channel }: ChannelRef) => ({ TableName: table, Key: headKey({ tenant, channel }) })

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
  /** The channel's head shows the shard, and lives as long as anybody in it may. */
  const isShown = ({ shard, ...ref }: ViewersRef & { shard: number }) => ({
    Update: {
      ...mainHead(ref),
      UpdateExpression: 'SET expiresAt = :expiresAt',
      ConditionExpression: 'shards >= :shard',
      ExpressionAttributeValues: { ':shard': shard, ':expiresAt': ttl() },
    },
  })

  async function showShard({ shard, ...ref }: ViewersRef & { shard: number }): Promise<void> {
    const update = new UpdateCommand({
      ...mainHead(ref),
      UpdateExpression: 'SET shards = :shard, expiresAt = :expiresAt',
      ConditionExpression: 'attribute_not_exists(shards) OR shards < :shard',
      ExpressionAttributeValues: { ':shard': shard, ':expiresAt': ttl() },
    })
    await retryOnConflict(() => client.send(update)).catch(unlessConditionFailure)
  }

  async function readHead(ref: ViewersRef): Promise<z.infer<typeof headSchema>> {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: headKey(ref), ConsistentRead: true }))
    return headSchema.parse(Item ?? {})
  }

  /** Whether it went live already, and the answer was lost. */
  async function isLive(ref: ViewersRef, subscription: Subscription): Promise<boolean> {
    const Key = subscriptionKey(ref, subscription)
    const { Item } = await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }))
    return Item?.subscriptionId === subscription.subscriptionId && Item.cursor !== undefined
  }

  async function listLive(ref: ViewersRef, andEnded = false): Promise<LiveSubscription[]> {
    const items: unknown[] = []
    let start: Record<string, unknown> | undefined
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          FilterExpression: 'attribute_exists(#cursor)',
          ExpressionAttributeNames: { '#cursor': 'cursor' },
          ExpressionAttributeValues: { ':pk': headKey(ref).pk, ':prefix': SUBSCRIPTION_PREFIX },
          ConsistentRead: true,
          ExclusiveStartKey: start,
        }),
      )
      items.push(...(page.Items ?? []))
      start = page.LastEvaluatedKey
    } while (start)
    const now = clock.now()
    return items.map((item) => subscriptionSchema.parse(item)).filter(({ until }) => andEnded || until > now)
  }

  async function remove(ref: ViewersRef, subscriber: SubscriberKey, subscriptionId?: string): Promise<void> {
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
        unlessConditionFailure(error)
      }
    }
  }

  async function beginReplay(ref: ViewersRef, subscription: Subscription): Promise<void> {
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
  }

  async function goLive(ref: ViewersRef, subscription: Subscription, cursor: number): Promise<'live' | 'behind' | 'replaced'> {
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
  }

  return {
    ...dynamoSenderRole(client, table),
    beginReplay,
    goLive,
    listLive,
    remove,

    async placeFor({ tenant, channel }) {
      const ref = { tenant, channel }
      const { viewers, shards } = await readHead(ref)
      if (viewers < VIEWERS_PER_SHARD) return ref
      const places = Array.from({ length: shards }, (_, index) => ({ ...ref, shard: index + 1 }))
      const heads = await Promise.all(places.map(readHead))
      const free = heads.findIndex((head) => head.viewers < VIEWERS_PER_SHARD)
      return places[free] ?? { ...ref, shard: shards + 1 }
    },

    async head(ref, isolated = false) {
      const Get = { TableName: table, Key: headKey(ref) }
      const { version, cancelRequested, shards } = isolated
        ? headSchema.parse(
            (await retryOnConflict(() => client.send(new TransactGetCommand({ TransactItems: [{ Get }] })))).Responses?.[0]
              ?.Item ?? {},
          )
        : await readHead(ref)
      return { version, cancelRequested, shards }
    },

    async requestCancel(ref) {
      const update = new UpdateCommand({
        ...mainHead(ref),
        UpdateExpression: 'SET cancelRequested = :true, expiresAt = :expiresAt',
        ExpressionAttributeValues: { ':true': true, ':expiresAt': ttl() },
      })
      await retryOnConflict(() => client.send(update))
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
      const { tenant, channel, shard } = ref
      const { version } = await readHead(ref)
      if ((await listLive(ref, true)).length > 0) return
      const drop = {
        ...mainHead({ tenant, channel }),
        UpdateExpression: 'SET shards = :below',
        ConditionExpression: 'shards = :shard',
        ExpressionAttributeValues: { ':shard': shard, ':below': shard - 1 },
      }
      const unchanged = {
        TableName: table,
        Key: headKey(ref),
        ConditionExpression: version === 0 ? 'attribute_not_exists(#version)' : '#version = :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ...(version > 0 && { ExpressionAttributeValues: { ':version': version } }),
      }
      await write([{ Update: drop }, { ConditionCheck: unchanged }]).catch((error: unknown) => {
        if (cancellationCodes(error) === undefined && !isTransactionConflict(error)) throw error
      })
    },
  }
}

function unlessConditionFailure(error: unknown): void {
  if (!isConditionFailure(error)) throw error
}
