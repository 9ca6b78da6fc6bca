import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { isOver, keptFor } from '#shared/platform/retention.ts'
import { type ConversationRef, type ConversationStore, MAX_TURNS } from './conversation-store.ts'

const turnSchema = z.object({
  sk: z.string(),
  role: z.enum(['user', 'assistant']),
  content: z.string(),
  at: z.string(),
  /** Seconds since the epoch. */
  expiresAt: z.number(),
})

const partition = ({ tenant, conversationId }: ConversationRef): string => `T#${tenant}#CONV#${conversationId}`

const failure = (error: unknown): never => {
  throw fromAwsError(error, 'the table of conversations')
}

/**
 * Conversations in the executions table: one item a turn, at `T#<tenant>#CONV#<conversation>` / its place.
 *
 * @param options.retentionDays - how long a turn is remembered
 */
export function dynamoConversationStore(
  client: DynamoDBDocumentClient,
  executionsTable: string,
  { retentionDays, clock = systemClock }: { retentionDays: number; clock?: Clock },
): ConversationStore {
  return {
    async append(ref, { place, ...turn }) {
      const Item = { pk: partition(ref), sk: place, ...turn, ...keptFor(retentionDays, clock.now()) }
      await client.send(new PutCommand({ TableName: executionsTable, Item })).catch(failure)
    },

    async read(ref, limit) {
      const query = new QueryCommand({
        TableName: executionsTable,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': partition(ref) },
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: Math.min(limit, MAX_TURNS),
      })
      const { Items = [] } = await client.send(query).catch(failure)
      return (
        Items.map((item) => turnSchema.parse(item))
          // Expired items stay until DynamoDB finds the time.
          .filter((turn) => !isOver(turn, clock.now()))
          .map(({ sk: place, role, content, at }) => ({ place, role, content, at }))
          .reverse()
      )
    },
  }
}
