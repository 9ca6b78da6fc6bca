import { connectionKey } from './stream-keys.ts'

/** Keys of the streams table around connections. */

/** Begins the sort key of what a connection follows. */
export const FOLLOWED_PREFIX = 'SUB#'

/** The name of an operation is its client's choice: it stands last. Channels have no `#`. */
export const followedKey = (
  connectionId: string,
  { channel, operation = '' }: { channel: string; operation?: string | undefined },
): { pk: string; sk: string } => ({ pk: connectionKey(connectionId).pk, sk: `${FOLLOWED_PREFIX}${channel}#${operation}` })

/** Partitions over which the connections of a tenant, and their counts, are spread. */
export const PRESENCE_SHARDS = 8

export const presenceShardOf = (connectionId: string): number =>
  [...connectionId].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 65_521, 0) % PRESENCE_SHARDS

/** List of a tenant's connections. */
export const connectionListKey = (tenant: string, shard: number): string => `T#${tenant}#CONNS#${shard}`
export const presentKey = (tenant: string, connectionId: string): { pk: string; sk: string } => ({
  pk: connectionListKey(tenant, presenceShardOf(connectionId)),
  sk: connectionId,
})

export const CONNECTION_COUNT_PREFIX = 'COUNT#'
/** Partition of the counts of a tenant's connections; of all tenants' when there is none. */
export const connectionCounts = (tenant?: string): string => (tenant === undefined ? 'CONNS' : `T#${tenant}#CONNS`)
export const connectionCountKey = (connectionId: string, tenant?: string): { pk: string; sk: string } => ({
  pk: connectionCounts(tenant),
  sk: `${CONNECTION_COUNT_PREFIX}${presenceShardOf(connectionId)}`,
})
/** When the counts of a tenant were repaired. */
export const repairKey = (tenant: string): { pk: string; sk: string } => ({ pk: connectionCounts(tenant), sk: 'REPAIR' })

/** Partition of the counts of followers, by topic. */
export const topicCounts = (tenant: string): string => `T#${tenant}#TOPICS`
export const topicCountKey = (tenant: string, topic: string): { pk: string; sk: string } => ({
  pk: topicCounts(tenant),
  sk: topic,
})
/** List of a topic's followers. */
export const followerList = (tenant: string, topic: string): string => `T#${tenant}#FOLLOWERS#${topic}`
export const followerKey = (
  tenant: string,
  { topic, connectionId, operation = '' }: { topic: string; connectionId: string; operation?: string | undefined },
): { pk: string; sk: string } => ({ pk: followerList(tenant, topic), sk: `${connectionId}#${operation}` })
