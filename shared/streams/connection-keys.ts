import { connectionKey } from './stream-keys.ts'

/** Keys of the streams table around connections. */

export const CONNECTION_SORT_KEY = 'CONN'

/** Begins the partition of a connection, which holds it and what it follows. */
export const CONNECTION_PREFIX = 'CONN#'

/** Begins the sort key of what a connection follows. */
export const FOLLOWED_PREFIX = 'SUB#'

/** The name of an operation is its client's choice: it stands last. Channels have no `#`. */
export const followedKey = (
  connectionId: string,
  { channel, operation = '' }: { channel: string; operation?: string | undefined },
): { pk: string; sk: string } => ({ pk: connectionKey(connectionId).pk, sk: `${FOLLOWED_PREFIX}${channel}#${operation}` })
