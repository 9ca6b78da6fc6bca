import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { throwAwsError } from '#shared/platform/aws-errors.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { conditionalUpdate, transactWrite } from '#shared/platform/dynamo-writes.ts'
import { isOver, keptFor } from '#shared/platform/retention.ts'
import { headKey, headUpdate, turnPartition } from './conversation-item.ts'
import type { Conversation, ConversationRef, ConversationStore, Speaker } from './conversation-store.ts'
import { crowded, entriesOf, FLOOR_TRIES, type FloorState, floorOf, inTheWay, nextInLine, waitingEntry } from './floor.ts'
import { turnPlace } from './turn-place.ts'

const floorSchema = z.object({
  updatedAt: z.string().optional(),
  turnOf: z.string().optional(),
  turnUntil: z.number().optional(),
  turnAt: z.string().optional(),
  waiting: z.set(z.string()).optional(),
  sessionFrom: z.string().optional(),
  summary: z.string().optional(),
  summaryThrough: z.string().optional(),
  finishedBy: z.string().optional(),
})

const failure = throwAwsError('the table of conversations')

/** The floor of a conversation, kept in its head item. */
export function dynamoConversationFloor(
  client: DynamoDBDocumentClient,
  TableName: string,
  { retentionDays, clock }: { retentionDays: number; clock: Clock },
): Pick<ConversationStore, 'begin' | 'finish' | 'release' | 'summarise'> {
  async function stateOf(ref: ConversationRef): Promise<z.infer<typeof floorSchema>> {
    const { Item } = await client.send(new GetCommand({ TableName, Key: headKey(ref), ConsistentRead: true })).catch(failure)
    return Item && !isOver(Item, clock.now()) ? floorSchema.parse(Item) : {}
  }

  /** Joins the queue behind the execution that has the floor. `false`: it does not have it any more. */
  async function wait(conversation: Conversation, speaker: Speaker, { turnOf }: FloorState): Promise<boolean> {
    const { result } = await conditionalUpdate(client, {
      TableName,
      Key: headKey(conversation),
      UpdateExpression: 'SET expiresAt = :expiresAt ADD waiting :me',
      ConditionExpression: turnOf === undefined ? 'attribute_not_exists(turnOf)' : 'turnOf = :turnOf',
      ExpressionAttributeValues: {
        ':me': new Set([waitingEntry(speaker)]),
        ':expiresAt': keptFor(retentionDays, clock.now()).expiresAt,
        ...(turnOf !== undefined && { ':turnOf': turnOf }),
      },
    })
    return result === 'written'
  }

  /** Takes a floor that is free, or whose holder's time is over. `false`: another execution was faster. */
  async function take(conversation: Conversation, speaker: Speaker, state: FloorState): Promise<boolean> {
    const { at, sessionFrom, summary } = floorOf(state, speaker)
    const { result } = await conditionalUpdate(client, {
      TableName,
      Key: headKey(conversation),
      UpdateExpression: `SET turnOf = :me, turnUntil = :until, turnAt = :at, sessionFrom = :session, expiresAt = :expiresAt${summary ? '' : ' REMOVE summary, summaryThrough'} DELETE waiting :entry`,
      ConditionExpression:
        '(attribute_not_exists(turnOf) OR turnOf = :me OR turnUntil <= :now) AND (attribute_not_exists(updatedAt) OR updatedAt < :at OR finishedBy = :me)',
      ExpressionAttributeValues: {
        ':me': speaker.executionId,
        ':until': speaker.until,
        ':now': speaker.now,
        ':at': at,
        ':session': sessionFrom,
        ':expiresAt': keptFor(retentionDays, clock.now()).expiresAt,
        ':entry': new Set([waitingEntry(speaker)]),
      },
    })
    return result === 'written'
  }

  return {
    async begin(conversation, speaker) {
      for (let tries = 0; tries < FLOOR_TRIES; tries += 1) {
        const state = await stateOf(conversation)
        const other = inTheWay(state, speaker)
        if (other === undefined && (await take(conversation, speaker, state)))
          return { result: 'begun', ...floorOf(state, speaker) }
        if (other !== undefined && (await wait(conversation, speaker, state))) return { result: 'busy', executionId: other }
      }
      throw crowded()
    },

    async finish(conversation, { executionId, at }, turns) {
      const kept = keptFor(retentionDays, clock.now())
      const puts = turns.map((turn, number) => ({
        Put: {
          TableName,
          Item: { pk: turnPartition(conversation), sk: turnPlace(at, executionId, number), ...turn, at, ...kept },
        },
      }))
      const head = headUpdate(TableName, conversation, at, kept)
      const Update = {
        ...head,
        UpdateExpression: `${head.UpdateExpression}, finishedBy = :me REMOVE turnOf, turnUntil, turnAt`,
        ConditionExpression: 'turnOf = :me AND turnAt = :at',
        ExpressionAttributeValues: { ...head.ExpressionAttributeValues, ':me': executionId },
      }
      const failed = await transactWrite(client, [{ Update }, ...puts])
      const state = await stateOf(conversation)
      const isMine = failed.length === 0 || (state.finishedBy === executionId && state.updatedAt === at)
      return { result: isMine ? 'finished' : 'lost', next: nextInLine(state) }
    },

    async release(ref, executionId) {
      const state = await stateOf(ref)
      const entries = entriesOf(state, executionId)
      if (entries.length > 0) {
        await conditionalUpdate(client, {
          TableName,
          Key: headKey(ref),
          UpdateExpression: 'DELETE waiting :entries',
          ConditionExpression: 'attribute_exists(waiting)',
          ExpressionAttributeValues: { ':entries': new Set(entries) },
        })
      }
      if (state.turnOf === executionId) {
        await conditionalUpdate(client, {
          TableName,
          Key: headKey(ref),
          UpdateExpression: 'REMOVE turnOf, turnUntil, turnAt',
          ConditionExpression: 'turnOf = :me',
          ExpressionAttributeValues: { ':me': executionId },
        })
      }
      return { next: nextInLine(await stateOf(ref)) }
    },

    async summarise(ref, executionId, { text, through }) {
      const { result } = await conditionalUpdate(client, {
        TableName,
        Key: headKey(ref),
        UpdateExpression: 'SET summary = :text, summaryThrough = :through',
        ConditionExpression: 'turnOf = :me',
        ExpressionAttributeValues: { ':text': text, ':through': through, ':me': executionId },
      })
      return result === 'written' ? 'stored' : 'lost'
    },
  }
}
