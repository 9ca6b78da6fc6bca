import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBRecord } from 'aws-lambda'
import { parseChannel } from '#shared/protocol/channel.ts'
import type { Connection, KnownConnection } from '#shared/streams/connection-store.ts'
import { connectionItemSchema, followedItemSchema } from '#shared/streams/dynamo-connection-store.ts'
import type { TopicFollower } from '#shared/streams/presence-store.ts'

/** What a write around connections means. */
export type ConnectionChange =
  /** It is known who is there. */
  | { kind: 'opened'; connection: KnownConnection }
  /** The socket is closed, or is taken to be; RFC 3339. */
  | { kind: 'closed'; connection: Connection; at: string }
  | { kind: 'followed' | 'unfollowed'; follower: TopicFollower }

/**
 * Reads a record of the change stream.
 *
 * @returns undefined where nothing follows from it
 * @throws ZodError when the item is none of ours
 */
export function decodeChange({ dynamodb = {} }: DynamoDBRecord): ConnectionChange | undefined {
  const { Keys, OldImage, NewImage, ApproximateCreationDateTime = 0 } = dynamodb
  const { pk, sk } = itemOf(Keys) ?? {}
  const [before, after] = [itemOf(OldImage), itemOf(NewImage)]
  if (sk !== 'CONN') return followed(String(pk).replace(/^CONN#/, ''), before, after)
  if (!after) {
    const at = new Date(ApproximateCreationDateTime * 1_000).toISOString()
    return before && { kind: 'closed', connection: connectionItemSchema.parse(before), at }
  }
  const connection = connectionItemSchema.parse(after)
  return isKnown(connection) && !before?.principal ? { kind: 'opened', connection } : undefined
}

function followed(connectionId: string, before: Item | undefined, after: Item | undefined): ConnectionChange | undefined {
  if (before && after) return undefined
  const { tenant, channel, operation } = followedItemSchema.parse(after ?? before)
  const follower = { tenant, topic: parseChannel(channel).id, connectionId, operation }
  return { kind: after ? 'followed' : 'unfollowed', follower }
}

export const isKnown = (connection: Connection): connection is KnownConnection => connection.principal !== undefined

type Item = Record<string, unknown>

const itemOf = (image: unknown): Item | undefined =>
  image === undefined ? undefined : unmarshall(image as Record<string, AttributeValue>)
