import { type DynamoDBDocumentClient, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { cancellationCodes, isConditionFailure, isTransactionConflict } from '#shared/platform/dynamo-errors.ts'
import { retryOnConflict } from '#shared/platform/retry-on-conflict.ts'
import { headKey } from './stream-keys.ts'
import { nothingAt } from './stream-log-conditions.ts'
import type { SubscriptionStore, ViewersRef } from './subscription-store.ts'

const postedSchema = z.object({ posted: z.number().optional() })

/** Who posts to the viewers of a channel with many writers, or to a shard: kept on the head. */
export function dynamoSenderRole(
  client: DynamoDBDocumentClient,
  table: string,
): Pick<SubscriptionStore, 'takeSender' | 'releaseSender' | 'yieldSender'> {
  const release = (ref: ViewersRef, owner: string, posted: number) => ({
    TableName: table,
    Key: headKey(ref),
    UpdateExpression: 'SET posted = :posted REMOVE senderOwner, senderUntil',
    ConditionExpression: 'senderOwner = :owner',
    ExpressionAttributeValues: { ':posted': posted, ':owner': owner },
  })

  return {
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
        const { posted } = postedSchema.parse(Attributes)
        return posted === undefined ? { result: 'taken' } : { result: 'taken', posted }
      } catch (error) {
        if (!isConditionFailure(error)) throw error
        return { result: (error as { Item?: unknown }).Item ? 'busy' : 'nobody' }
      }
    },

    async releaseSender(ref, owner, posted) {
      const TransactItems = [nothingAt(table, ref, posted + 1), { Update: release(ref, owner, posted) }]
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
