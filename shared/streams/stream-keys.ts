import type { ChannelRef } from './channel-ref.ts'
import type { SubscriberKey, ViewersRef } from './subscription-store.ts'

/** Keys of the streams table; the tenant stands in every one that belongs to a tenant. */

const DIGITS = 12

const sequenceKey = (sequence: number): string => String(sequence).padStart(DIGITS, '0')

export const logKey = ({ tenant, channel }: ChannelRef, sequence: number): { pk: string; sk: string } => ({
  pk: `T#${tenant}#LOG#${channel}`,
  sk: sequenceKey(sequence),
})

/** Greatest key that an entry can have. */
export const LAST_ENTRY_SORT_KEY = '9'.repeat(DIGITS)

/** Sorts behind every entry. */
export const LAST_SORT_KEY = 'LAST'

/** Last number of a channel with many writers. It never expires, as entries do: a number is given once. */
export const lastKey = ({ tenant, channel }: ChannelRef): { pk: string; sk: string } => ({
  pk: `T#${tenant}#LOG#${channel}`,
  sk: LAST_SORT_KEY,
})

/** Remembers which message already has a number in a channel with many writers. */
export const appendedKey = ({ tenant, channel }: ChannelRef, id: string): { pk: string; sk: string } => ({
  pk: `T#${tenant}#APPENDED#${channel}#${id}`,
  sk: 'APPENDED',
})

/** Partition of a channel's viewers, or of one shard of them. */
const viewersPartition = ({ tenant, channel, shard }: ViewersRef): string =>
  shard === undefined ? `T#${tenant}#CHAN#${channel}` : `T#${tenant}#SHARD#${shard}#CHAN#${channel}`

export const headKey = (ref: ViewersRef): { pk: string; sk: string } => ({ pk: viewersPartition(ref), sk: 'HEAD' })

export const SUBSCRIPTION_PREFIX = 'SUB#'

/** An operation's name is its client's choice: it stands last. */
export const subscriptionKey = (ref: ViewersRef, { connectionId, operation }: SubscriberKey): { pk: string; sk: string } => ({
  pk: viewersPartition(ref),
  sk: `${SUBSCRIPTION_PREFIX}${connectionId}${operation === undefined ? '' : `#${operation}`}`,
})

/** Connection ids come from API Gateway and cannot be chosen by a client, so the key needs no tenant. */
export const connectionKey = (connectionId: string): { pk: string; sk: string } => ({
  pk: `CONN#${connectionId}`,
  sk: 'CONN',
})

/** How long the events of an execution can be read, and of any channel where nothing else is set, in seconds. */
export const LOG_TTL_SECONDS = 24 * 3_600
/** Longer than a socket can live (two hours, limit of API Gateway), in seconds. */
export const CONNECTION_TTL_SECONDS = 3 * 3_600

/** What all writers of the account know of the limit of their posts; no tenant has one of its own. */
export const CALLBACK_BUDGET_KEY = { pk: 'CALLBACKS', sk: 'BUDGET' }
