import { type DynamoDBDocumentClient, paginateQuery, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type Clock, epochSeconds, systemClock } from '#shared/platform/clock.ts'
import { queryAll } from '#shared/platform/dynamo-query-all.ts'
import { conditionalUpdate, type TransactItems, transactWrite } from '#shared/platform/dynamo-writes.ts'
import { topicChannel } from '#shared/protocol/channel.ts'
import {
  CONNECTION_COUNT_PREFIX,
  connectionCountKey,
  connectionCounts,
  connectionListKey,
  followedKey,
  followerKey,
  followerList,
  PRESENCE_SHARDS,
  presenceShardOf,
  presentKey,
  repairKey,
  topicCountKey,
  topicCounts,
} from './connection-keys.ts'
import type { PresenceStore, PresentConnection, TopicFollower } from './presence-store.ts'
import { connectionKey, LOG_TTL_SECONDS } from './stream-keys.ts'

/** Sorts before every id of a connection. */
const BEFORE_ALL = '!'

type Key = { pk: string; sk: string }

const countSchema = z.object({ sk: z.string(), members: z.number().default(0) })
const presentSchema = z.object({ sk: z.string(), at: z.number() })
const followerSchema = z.object({ connectionId: z.string(), operation: z.string().optional(), at: z.number() })

/**
 * Presence in the streams table. What is counted is an item of its own, written or deleted in one transaction with its count, so that it
 * counts once however often its change is told.
 */
export function dynamoPresenceStore(client: DynamoDBDocumentClient, table: string, clock: Clock = systemClock): PresenceStore {
  const isThere = (Key: Key) => ({ ConditionCheck: { TableName: table, Key, ConditionExpression: 'attribute_exists(pk)' } })
  const count = (Key: Key, by: 1 | -1) => ({
    Update: {
      TableName: table,
      Key,
      UpdateExpression: 'ADD members :by',
      ExpressionAttributeValues: { ':by': by },
    },
  })
  /** It expires when nobody has come or gone for longer than a socket lives: topics are called what their followers like. */
  const countTopic = ({ tenant, topic }: TopicFollower, by: 1 | -1) => ({
    Update: {
      TableName: table,
      Key: topicCountKey(tenant, topic),
      UpdateExpression: 'ADD members :by SET expiresAt = :expiresAt',
      ExpressionAttributeValues: { ':by': by, ':expiresAt': epochSeconds(clock.now()) + LOG_TTL_SECONDS },
    },
  })
  const put = (item: Key & Record<string, unknown>) => ({
    Put: { TableName: table, Item: { ...item, at: clock.now() }, ConditionExpression: 'attribute_not_exists(pk)' },
  })
  const remove = (Key: Key) => ({ Delete: { TableName: table, Key, ConditionExpression: 'attribute_exists(pk)' } })
  /** Where a condition fails, the change was counted before, or what it tells is over. */
  const write = async (items: TransactItems): Promise<void> => {
    await transactWrite(client, items)
  }
  const countsOf = ({ tenant, connectionId }: PresentConnection, by: 1 | -1) => [
    count(connectionCountKey(connectionId, tenant), by),
    count(connectionCountKey(connectionId), by),
  ]

  const itemsOf = (pk: string, prefix = ''): QueryCommandInput => ({
    TableName: table,
    KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': pk, ...(prefix !== '' && { ':prefix': prefix }) },
  })
  const all = (pk: string, prefix?: string) => queryAll(client, itemsOf(pk, prefix))
  const connectionCount = async (tenant?: string): Promise<number> =>
    (await all(connectionCounts(tenant), CONNECTION_COUNT_PREFIX))
      .map((item) => countSchema.parse(item).members)
      .reduce((sum, members) => sum + members, 0)
  const topicsOf = async (tenant: string): Promise<[topic: string, members: number][]> =>
    (await all(topicCounts(tenant)))
      .map((item) => countSchema.parse(item))
      .filter(({ members }) => members > 0)
      .map(({ sk, members }) => [sk, members])

  const leave = (connection: PresentConnection): Promise<void> =>
    write([remove(presentKey(connection.tenant, connection.connectionId)), ...countsOf(connection, -1)])
  const unfollow = (follower: TopicFollower): Promise<void> =>
    write([remove(followerKey(follower.tenant, follower)), countTopic(follower, -1)])

  return {
    arrive(connection) {
      const { tenant, connectionId } = connection
      const arrival = [isThere(connectionKey(connectionId)), put(presentKey(tenant, connectionId))]
      return write([...arrival, ...countsOf(connection, 1)])
    },
    leave,
    follow(follower) {
      const { tenant, topic, connectionId, operation } = follower
      return write([
        isThere(followedKey(connectionId, { channel: topicChannel(topic), operation })),
        put({ ...followerKey(tenant, follower), connectionId, ...(operation !== undefined && { operation }) }),
        countTopic(follower, 1),
      ])
    },
    unfollow,
    async counts(tenant) {
      const [connections, topics] = await Promise.all([connectionCount(tenant), topicsOf(tenant)])
      return { connections, topics: Object.fromEntries(topics) }
    },
    total: () => connectionCount(),
    async page(tenant, { limit, after }) {
      const found: string[] = []
      for (let shard = after === undefined ? 0 : presenceShardOf(after); shard < PRESENCE_SHARDS; shard++) {
        // One more than asked for tells whether there is a next page.
        const Limit = limit + 1 - found.length
        const { Items = [] } = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk AND sk > :after',
            ExpressionAttributeValues: {
              ':pk': connectionListKey(tenant, shard),
              ':after': after !== undefined && shard === presenceShardOf(after) ? after : BEFORE_ALL,
            },
            Limit,
          }),
        )
        found.push(...Items.map((item) => presentSchema.parse(item).sk))
        if (found.length > limit) break
      }
      const connectionIds = found.slice(0, limit)
      return { connectionIds, next: found.length > limit ? connectionIds.at(-1) : undefined }
    },
    async *connections(tenant) {
      for (let shard = 0; shard < PRESENCE_SHARDS; shard++) {
        for await (const { Items = [] } of paginateQuery({ client }, itemsOf(connectionListKey(tenant, shard))))
          if (Items.length > 0) yield Items.map((item) => presentSchema.parse(item).sk)
      }
    },
    async claimRepair(tenant, { now, every }) {
      const { result } = await conditionalUpdate(client, {
        TableName: table,
        Key: repairKey(tenant),
        UpdateExpression: 'SET #at = :now',
        ConditionExpression: 'attribute_not_exists(#at) OR #at <= :latest',
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':now': now, ':latest': now - every },
      })
      return result === 'written'
    },
    async repair(tenant, before, signal) {
      for (let shard = 0; shard < PRESENCE_SHARDS; shard++) {
        for (const item of await all(connectionListKey(tenant, shard))) {
          const { sk: connectionId, at } = presentSchema.parse(item)
          if (at < before && !signal.aborted) await leave({ tenant, connectionId })
        }
      }
      for (const [topic] of await topicsOf(tenant)) {
        for (const item of signal.aborted ? [] : await all(followerList(tenant, topic))) {
          const { at, ...follower } = followerSchema.parse(item)
          if (at < before && !signal.aborted) await unfollow({ tenant, topic, ...follower })
        }
      }
    },
  }
}
