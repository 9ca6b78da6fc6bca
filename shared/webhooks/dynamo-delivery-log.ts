import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { encodeCursor } from '#shared/platform/cursor.ts'
import { isConditionFailure, itemBefore } from '#shared/platform/dynamo-errors.ts'
import { isOver, keptFor } from '#shared/platform/retention.ts'
import { deliverySchema } from '#shared/protocol/webhook.ts'
import { type Delivery, type DeliveryTarget, targetOf } from './delivery.ts'
import type { DeliveryLog } from './delivery-log.ts'
import { decodePlace, placeOf } from './delivery-place.ts'

const claimSchema = z.object({ status: z.string(), nextAttempt: z.number() })

const pkOf = (tenant: string, target: DeliveryTarget): string =>
  'executionId' in target
    ? `T#${tenant}#DELIVERIES#EXECUTION#${target.executionId}`
    : `T#${tenant}#DELIVERIES#WEBHOOK#${target.webhookId}`

/**
 * Deliveries in the executions table, one item each: `T#<tenant>#DELIVERIES#EXECUTION#<id>` or `…#WEBHOOK#<id>` / `<time>#<deliveryId>`. It
 * holds all attempts, which are few, so that an attempt is claimed and recorded by one write each.
 *
 * @param options.retentionDays - how long a delivery is kept after the beginning of its last attempt
 */
export function dynamoDeliveryLog(
  client: DynamoDBDocumentClient,
  executionsTable: string,
  { retentionDays, clock = systemClock }: { retentionDays: number; clock?: Clock },
): DeliveryLog {
  const keyOf = (delivery: Delivery) => ({ pk: pkOf(delivery.tenant, targetOf(delivery)), sk: placeOf(delivery) })
  return {
    async begin(delivery, { now, until }) {
      const { deliveryId, type, time, attempt } = delivery
      const initial = { deliveryId, type, time, ...targetOf(delivery), attempts: [], nextAttempt: attempt, status: 'pending' }
      const names = Object.keys(initial)
      try {
        await client.send(
          new UpdateCommand({
            TableName: executionsTable,
            Key: keyOf(delivery),
            UpdateExpression: `SET ${names.map((name) => `#${name} = if_not_exists(#${name}, :${name})`).join(', ')}, busyUntil = :until, expiresAt = :expiresAt`,
            ConditionExpression:
              'attribute_not_exists(pk) OR (#status = :status AND #nextAttempt <= :nextAttempt AND busyUntil < :now)',
            ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
            ExpressionAttributeValues: {
              ...Object.fromEntries(Object.entries(initial).map(([name, value]) => [`:${name}`, value])),
              ':now': now,
              ':until': until,
              ':expiresAt': keptFor(retentionDays, now).expiresAt,
            },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        )
        return 'begun'
      } catch (error) {
        if (!isConditionFailure(error)) throw error
        const { status, nextAttempt } = claimSchema.parse(itemBefore(error))
        return status === 'pending' && nextAttempt <= attempt ? 'busy' : 'done'
      }
    },

    async record(delivery, attempt, status) {
      await client
        .send(
          new UpdateCommand({
            TableName: executionsTable,
            Key: keyOf(delivery),
            UpdateExpression:
              'SET attempts = list_append(attempts, :attempts), #status = :status, nextAttempt = :next, busyUntil = :nobody',
            ConditionExpression: '#status = :pending',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':attempts': [attempt],
              ':status': status,
              ':next': delivery.attempt + 1,
              ':nobody': 0,
              ':pending': 'pending',
            },
          }),
        )
        .catch((error: unknown) => {
          if (!isConditionFailure(error)) throw error
        })
    },

    async list(tenant, target, { limit, after }) {
      const pk = pkOf(tenant, target)
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: executionsTable,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk },
          ...(after !== undefined && { ExclusiveStartKey: { pk, sk: decodePlace(after) } }),
          ScanIndexForward: false,
          Limit: limit,
        }),
      )
      const deliveries = Items.filter((item) => !isOver(item, clock.now())).map((item) => deliverySchema.parse(item))
      const last = deliveries.at(-1)
      return { deliveries, ...(last && LastEvaluatedKey && { next: encodeCursor(placeOf(last)) }) }
    },
  }
}
