import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { conditionalUpdate } from '#shared/platform/dynamo-writes.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import { MAX_DESCENDANTS } from '#shared/protocol/limits.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { rootOf } from './root-of.ts'

/** Characters of a member's hash: 36 bits. Two that were alike would count as one, one time in 100,000 at the most. */
const MEMBER_LENGTH = 6

/**
 * Counts an execution among the descendants of its root, in a set at `T#<tenant>#DESCENDANTS#<root>` / `SET`. It is one conditional write, before
 * the execution is made: whoever repeats both counts it once, and nobody who runs the root meets the write. A full set weighs 7 KB: 140 such writes
 * a second fit its partition.
 *
 * @param options.expiresAt - until when the set is kept, in seconds since the epoch
 * @returns whether it belongs to them: it is known, or there was room
 */
export async function countDescendant(
  client: DynamoDBDocumentClient,
  table: string,
  record: ExecutionRecord,
  { expiresAt, most = MAX_DESCENDANTS }: { expiresAt: number; most?: number | undefined },
): Promise<boolean> {
  const member = sha256(record.executionId, 'base64url').slice(0, MEMBER_LENGTH)
  const { result } = await conditionalUpdate(client, {
    TableName: table,
    Key: { pk: `T#${record.tenant}#DESCENDANTS#${rootOf(record)}`, sk: 'SET' },
    UpdateExpression: 'SET expiresAt = :expiresAt ADD members :members',
    ConditionExpression: 'attribute_not_exists(members) OR size(members) < :most OR contains(members, :member)',
    ExpressionAttributeValues: {
      ':expiresAt': expiresAt,
      ':members': new Set([member]),
      ':member': member,
      ':most': most,
    },
  })
  return result === 'written'
}
