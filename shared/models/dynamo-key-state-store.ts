import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { throwAwsError } from '#shared/platform/aws-errors.ts'
import { epochSeconds } from '#shared/platform/clock.ts'
import { conditionalUpdate } from '#shared/platform/dynamo-writes.ts'
import { KEY_KEPT_MS, type KeyStateStore } from './key-state-store.ts'

const itemSchema = z.object({
  sk: z.templateLiteral(['KEY#', z.string()]),
  cooldownUntil: z.number().optional(),
  reason: z.enum(['rate_limit', 'authentication_error']).optional(),
  lastUsedAt: z.number().optional(),
  requestsPerMinute: z.number().optional(),
})

const keyOf = (service: string, fingerprint: string) => ({ pk: `LLM#KEYS#${service}`, sk: `KEY#${fingerprint}` })

/** Key states in the streams table. They belong to the stage, not to a tenant, and expire a week after the key was last used. */
export function dynamoKeyStateStore(client: DynamoDBDocumentClient, TableName: string): KeyStateStore {
  const unavailable = throwAwsError('the table')
  return {
    // One page is enough: a secret has at most 20 keys, plus those of its recent versions.
    async list(service) {
      const query = new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': keyOf(service, '').pk, ':prefix': 'KEY#' },
      })
      const { Items = [] } = await client.send(query).catch(unavailable)
      return z
        .array(itemSchema)
        .parse(Items)
        .map(({ sk, ...state }) => ({ fingerprint: sk.slice('KEY#'.length), ...state }))
    },

    async cool(service, { fingerprint, until, reason, now }) {
      await conditionalUpdate(client, {
        TableName,
        Key: keyOf(service, fingerprint),
        UpdateExpression: 'SET cooldownUntil = :until, reason = :reason, expiresAt = :expiresAt',
        ConditionExpression: 'attribute_not_exists(cooldownUntil) OR cooldownUntil < :until',
        ExpressionAttributeValues: { ':until': until, ':reason': reason, ':expiresAt': epochSeconds(now + KEY_KEPT_MS) },
      })
    },

    async use(service, { fingerprint, requestsPerMinute, now }) {
      const limit = requestsPerMinute === undefined ? ' REMOVE requestsPerMinute' : ', requestsPerMinute = :limit'
      const update = new UpdateCommand({
        TableName,
        Key: keyOf(service, fingerprint),
        UpdateExpression: `SET lastUsedAt = :now, expiresAt = :expiresAt${limit}`,
        ExpressionAttributeValues: {
          ':now': now,
          ':expiresAt': epochSeconds(now + KEY_KEPT_MS),
          ...(requestsPerMinute !== undefined && { ':limit': requestsPerMinute }),
        },
      })
      await client.send(update).catch(unavailable)
    },
  }
}
