import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb'
import pLimit from 'p-limit'
import * as z from 'zod'
import { throwAwsError } from '#shared/platform/aws-errors.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { encodeCursor } from '#shared/platform/cursor.ts'
import { isConditionFailure } from '#shared/platform/dynamo-errors.ts'
import { INDEX } from '#shared/platform/names.ts'
import { isOver } from '#shared/platform/retention.ts'
import { agentPartition, headKey, ownerPartition, toHead, toTurn, turnPartition } from './conversation-item.ts'
import type { ConversationHead, ConversationRef, ConversationStore } from './conversation-store.ts'
import { crowded, FLOOR_TRIES } from './floor.ts'
import { decodePlace } from './place-cursor.ts'

/** Most concurrent reads of heads, and deletions. */
const AT_ONCE = 10

/** The attributes of a head in the indexes. */
const entrySchema = z.object({ pk: z.string(), sk: z.string(), agentSk: z.string() })

const failure = throwAwsError('the table of conversations')

/** What only the API does with conversations: paging, listing, removing. */
export function dynamoConversationLists(
  client: DynamoDBDocumentClient,
  TableName: string,
  clock: Clock,
): Pick<ConversationStore, 'readPage' | 'find' | 'list' | 'remove'> {
  const limited = pLimit(AT_ONCE)
  const remove = (Key: Record<string, unknown>) => client.send(new DeleteCommand({ TableName, Key })).catch(failure)

  async function head(Key: { pk: string; sk: string }): Promise<ConversationHead | undefined> {
    const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true })).catch(failure)
    return Item && !isOver(Item, clock.now()) ? toHead(Item) : undefined
  }

  /** Turns after a place. `more` is also true if the query stopped at its limit of one megabyte. */
  async function turnsOf(ref: ConversationRef, after: string | undefined, limit: number) {
    const { Items = [], LastEvaluatedKey } = await client
      .send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: after === undefined ? 'pk = :pk' : 'pk = :pk AND sk > :after',
          ExpressionAttributeValues: { ':pk': turnPartition(ref), ...(after !== undefined && { ':after': after }) },
          ConsistentRead: true,
          Limit: limit,
        }),
      )
      .catch(failure)
    return { items: Items, more: LastEvaluatedKey !== undefined }
  }

  /** Empties the head, except for the executions that wait: the one that speaks finds that it has lost the floor, and wakes the next. */
  async function removeHead(ref: ConversationRef): Promise<void> {
    const Key = headKey(ref)
    for (let tries = 0; tries < FLOOR_TRIES; tries += 1) {
      const { Item: { waiting, expiresAt } = {} } = await client
        .send(new GetCommand({ TableName, Key, ConsistentRead: true }))
        .catch(failure)
      const emptied = waiting === undefined ? undefined : { ...Key, waiting, expiresAt }
      if (await replaceHead(Key, emptied)) return
    }
    throw crowded()
  }

  /** @returns false when others wait by now */
  function replaceHead(Key: ReturnType<typeof headKey>, emptied: Record<string, unknown> | undefined): Promise<boolean> {
    const ConditionExpression = emptied ? 'waiting = :waiting' : 'attribute_not_exists(waiting)'
    const written = emptied
      ? client.send(
          new PutCommand({
            TableName,
            Item: emptied,
            ConditionExpression,
            ExpressionAttributeValues: { ':waiting': emptied.waiting },
          }),
        )
      : client.send(new DeleteCommand({ TableName, Key, ConditionExpression }))
    return written.then(
      () => true,
      (error: unknown) => (isConditionFailure(error) ? false : failure(error)),
    )
  }

  return {
    async readPage(ref, { limit, after }) {
      const { items, more } = await turnsOf(ref, after === undefined ? undefined : decodePlace(after), limit)
      const last = items.at(-1)
      const turns = items.filter((item) => !isOver(item, clock.now())).map(toTurn)
      return { turns, ...(last && more && { next: encodeCursor(String(last.sk)) }) }
    },

    find: (ref) => head(headKey(ref)),

    async list({ tenant, agentId, source }, { limit, after }) {
      const of = { tenant, agentId }
      const [IndexName, attribute, value] =
        source === undefined
          ? [INDEX.agent, 'agentPk', agentPartition(of)]
          : [INDEX.tenant, 'tenantPk', ownerPartition({ ...of, source })]
      const query = new QueryCommand({
        TableName,
        IndexName,
        KeyConditionExpression: after === undefined ? '#pk = :pk' : '#pk = :pk AND agentSk < :before',
        ExpressionAttributeNames: { '#pk': attribute },
        ExpressionAttributeValues: { ':pk': value, ...(after !== undefined && { ':before': decodePlace(after) }) },
        ScanIndexForward: false,
        Limit: limit,
      })
      const { Items = [], LastEvaluatedKey } = await client.send(query).catch(failure)
      const page = Items.map((item) => entrySchema.parse(item))
      const found = await Promise.all(page.map(({ pk, sk }) => limited(head, { pk, sk })))
      const last = page.at(-1)
      return {
        conversations: found.filter((one) => one !== undefined),
        ...(last && LastEvaluatedKey && { next: encodeCursor(last.agentSk) }),
      }
    },

    async remove(ref) {
      const turns = paginateQuery(
        { client },
        {
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': turnPartition(ref) },
          ProjectionExpression: 'pk, sk',
          ConsistentRead: true,
        },
      )
      for await (const { Items = [] } of turns) await Promise.all(Items.map(({ pk, sk }) => limited(remove, { pk, sk })))
      await removeHead(ref)
    },
  }
}
