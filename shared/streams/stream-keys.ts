import type { ChannelRef } from './channel-ref.ts'

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

export const headKey = ({ tenant, channel }: ChannelRef): { pk: string; sk: string } => ({
  pk: `T#${tenant}#CHAN#${channel}`,
  sk: 'HEAD',
})

export const SUBSCRIPTION_PREFIX = 'SUB#'

export const subscriptionKey = ({ tenant, channel }: ChannelRef, connectionId: string): { pk: string; sk: string } => ({
  pk: `T#${tenant}#CHAN#${channel}`,
  sk: `${SUBSCRIPTION_PREFIX}${connectionId}`,
})

/** Connection ids come from API Gateway and cannot be chosen by a client, so the key needs no tenant. */
export const connectionKey = (connectionId: string): { pk: string; sk: string } => ({
  pk: `CONN#${connectionId}`,
  sk: 'CONN',
})

/** How long the events of a stream can be read, in seconds. */
export const LOG_TTL_SECONDS = 24 * 3_600
/** Longer than a socket can live (two hours, limit of API Gateway), in seconds. */
export const CONNECTION_TTL_SECONDS = 3 * 3_600
