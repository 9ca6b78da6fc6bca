import { randomUUID } from 'node:crypto'
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { epochSeconds } from '#shared/platform/clock.ts'
import { isConditionFailure, itemBefore } from '#shared/platform/dynamo-errors.ts'
import { conditionalUpdate } from '#shared/platform/dynamo-writes.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import type { AnswerKey, AnswerStore, KeptAnswer } from './answer-store.ts'

const itemSchema = z.object({
  hash: z.string(),
  fence: z.string(),
  /** JSON of the answer; absent while the work is done. */
  answer: z.string().optional(),
})
const answerSchema = z.object({
  status: z.number(),
  body: z.unknown().optional(),
  text: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
})

/**
 * Answers in the table of executions: `T#<tenant>#IDEMPOTENCY#<hash of subject, operation and key>` / `ANSWER`. Their end is checked on reading; TTL
 * clears them away later.
 */
export function dynamoAnswerStore(client: DynamoDBDocumentClient, executionsTable: string): AnswerStore {
  const keyOf = ({ tenant, subject, operation, key }: AnswerKey) => ({
    pk: `T#${tenant}#IDEMPOTENCY#${sha256(JSON.stringify([subject, operation, key]), 'base64url')}`,
    sk: 'ANSWER',
  })
  const TableName = executionsTable
  const isMine = { ConditionExpression: 'fence = :fence AND attribute_not_exists(answer)' }

  return {
    async begin(key, { hash, now, busyUntil, expiresAt }) {
      const fence = randomUUID()
      const Item = { ...keyOf(key), hash, fence, busyUntil, expiresAtMilliseconds: expiresAt, expiresAt: epochSeconds(expiresAt) }
      try {
        await client.send(
          new PutCommand({
            TableName,
            Item,
            ConditionExpression:
              'attribute_not_exists(pk) OR expiresAtMilliseconds <= :now OR (#hash = :hash AND attribute_not_exists(answer) AND busyUntil <= :now)',
            ExpressionAttributeNames: { '#hash': 'hash' },
            ExpressionAttributeValues: { ':now': now, ':hash': hash },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        )
        return { result: 'begun', fence }
      } catch (error) {
        if (!isConditionFailure(error)) throw error
        const before = itemSchema.parse(itemBefore(error))
        // The SDK repeats a write whose answer was lost, and meets what it wrote.
        if (before.fence === fence) return { result: 'begun', fence }
        if (before.hash !== hash) return { result: 'different' }
        if (before.answer === undefined) return { result: 'busy' }
        return { result: 'answered', answer: decode(before.answer) }
      }
    },

    async keep(key, fence, answer) {
      await conditionalUpdate(client, {
        TableName,
        Key: keyOf(key),
        ...isMine,
        UpdateExpression: 'SET answer = :answer',
        ExpressionAttributeValues: { ':fence': fence, ':answer': JSON.stringify(answer) },
      })
    },

    async drop(key, fence) {
      try {
        await client.send(
          new DeleteCommand({ TableName, Key: keyOf(key), ...isMine, ExpressionAttributeValues: { ':fence': fence } }),
        )
      } catch (error) {
        if (!isConditionFailure(error)) throw error
      }
    },
  }
}

function decode(json: string): KeptAnswer {
  const { status, body, text, headers } = answerSchema.parse(JSON.parse(json))
  return { status, ...(body !== undefined && { body }), ...(text !== undefined && { text }), ...(headers && { headers }) }
}
