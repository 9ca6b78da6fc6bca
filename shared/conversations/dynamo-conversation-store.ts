import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { throwAwsError } from '#shared/platform/aws-errors.ts'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { conditionalUpdate } from '#shared/platform/dynamo-writes.ts'
import { isOver, keptFor } from '#shared/platform/retention.ts'
import { headUpdate, toTurn, turnPartition } from './conversation-item.ts'
import { type ConversationStore, MAX_TURNS } from './conversation-store.ts'

const failure = throwAwsError('the table of conversations')

/**
 * Conversations in the executions table: one item per turn, and a head item for lists. What agents need is here; the floor, and what only the API
 * needs, are loaded on first use.
 *
 * @param options.retentionDays - how long a turn is remembered, and a conversation after its last one
 */
export function dynamoConversationStore(
  client: DynamoDBDocumentClient,
  executionsTable: string,
  { retentionDays, clock = systemClock }: { retentionDays: number; clock?: Clock },
): ConversationStore {
  const lists = async () => {
    const { dynamoConversationLists } = await import('./dynamo-conversation-lists.ts')
    return dynamoConversationLists(client, executionsTable, clock)
  }
  const floor = async () => {
    const { dynamoConversationFloor } = await import('./dynamo-conversation-floor.ts')
    return dynamoConversationFloor(client, executionsTable, { retentionDays, clock })
  }

  return {
    async append(conversation, turn) {
      const kept = keptFor(retentionDays, clock.now())
      const { place, ...said } = turn
      const Item = { pk: turnPartition(conversation), sk: place, ...said, ...kept }
      await client.send(new PutCommand({ TableName: executionsTable, Item })).catch(failure)
      // Fails if something was said later: then the head is newer already.
      await conditionalUpdate(client, headUpdate(executionsTable, conversation, turn.at, kept))
    },

    async read(ref, limit) {
      const query = new QueryCommand({
        TableName: executionsTable,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': turnPartition(ref) },
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: Math.min(limit, MAX_TURNS),
      })
      const { Items = [] } = await client.send(query).catch(failure)
      // DynamoDB deletes expired items late.
      return Items.filter((item) => !isOver(item, clock.now()))
        .map(toTurn)
        .reverse()
    },

    begin: async (conversation, speaker) => (await floor()).begin(conversation, speaker),
    finish: async (conversation, speaker, turns) => (await floor()).finish(conversation, speaker, turns),
    release: async (ref, executionId) => (await floor()).release(ref, executionId),
    summarise: async (ref, executionId, summary) => (await floor()).summarise(ref, executionId, summary),

    readPage: async (ref, page) => (await lists()).readPage(ref, page),
    find: async (ref) => (await lists()).find(ref),
    list: async (of, page) => (await lists()).list(of, page),
    remove: async (ref) => (await lists()).remove(ref),
  }
}
