import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type Clock, epochSeconds, systemClock } from '#shared/platform/clock.ts'
import { cancellationCodes, isConditionFailure, isTransactionConflict, itemBefore } from '#shared/platform/dynamo-errors.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { type StreamEvent, streamEventSchema } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from './channel-ref.ts'
import { appendedKey, LOG_TTL_SECONDS, logKey } from './stream-keys.ts'
import { MAX_EVENTS_PER_ENTRY, type StreamLog } from './stream-log.ts'

const entrySchema = z.object({ sk: z.string(), events: z.string(), expiresAt: z.number() })
const eventsSchema = z.array(streamEventSchema)

/** Writers of one topic that meet at the same number, one after the other, before one of them gives up. */
const MAX_NUMBER_TRIES = 50

/** The conditional put of one entry, for use alone or within a transaction of another store. */
export function logEntryPut(table: string, ref: ChannelRef, events: StreamEvent[], clock: Clock) {
  const [first] = events
  if (!first || events.length > MAX_EVENTS_PER_ENTRY) throw new RangeError(`an entry holds 1 to ${MAX_EVENTS_PER_ENTRY} events`)
  return {
    TableName: table,
    Item: {
      ...logKey(ref, first.sequence),
      events: JSON.stringify(events),
      expiresAt: epochSeconds(clock.now()) + LOG_TTL_SECONDS,
    },
    ConditionExpression: 'attribute_not_exists(pk)',
  }
}

/** The stream log in the streams table: one item an entry, sorted by the sequence of its first event. */
export function dynamoStreamLog(client: DynamoDBDocumentClient, table: string, clock: Clock = systemClock): StreamLog {
  async function lastSequence(ref: ChannelRef): Promise<number> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': logKey(ref, 0).pk },
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: 1,
      }),
    )
    const [item] = Items
    return item ? (eventsSchema.parse(JSON.parse(entrySchema.parse(item).events)).at(-1)?.sequence ?? -1) : -1
  }

  async function isAppended(ref: ChannelRef, id: string): Promise<boolean> {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: appendedKey(ref, id), ConsistentRead: true }))
    return Item !== undefined
  }

  /** One try to take a number. */
  async function appendAt(ref: ChannelRef, id: string, event: StreamEvent): Promise<'appended' | 'taken' | 'known'> {
    const put = logEntryPut(table, ref, [event], clock)
    const marker = { TableName: table, Item: { ...appendedKey(ref, id), expiresAt: put.Item.expiresAt } }
    try {
      await client.send(
        new TransactWriteCommand({
          TransactItems: [{ Put: put }, { Put: { ...marker, ConditionExpression: 'attribute_not_exists(pk)' } }],
        }),
      )
      return 'appended'
    } catch (error) {
      const codes = cancellationCodes(error)
      if (codes?.[1] === 'ConditionalCheckFailed') return 'known'
      if (codes?.[0] === 'ConditionalCheckFailed' || isTransactionConflict(error)) return 'taken'
      throw error
    }
  }

  return {
    async append(ref, events) {
      const put = logEntryPut(table, ref, events, clock)
      try {
        await client.send(new PutCommand({ ...put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }))
        return 'appended'
      } catch (error) {
        if (!isConditionFailure(error)) throw error
        // The client repeats a put whose answer was lost: then the entry that stands there is this very one.
        return itemBefore(error)?.events === put.Item.events ? 'appended' : 'taken'
      }
    },

    async appendNext(ref, id, event) {
      let sequence = (await lastSequence(ref)) + 1
      for (let tries = 0; tries < MAX_NUMBER_TRIES; tries++) {
        const result = await appendAt(ref, id, event(sequence))
        if (result !== 'taken') return result
        sequence = (await lastSequence(ref)) + 1
      }
      if (await isAppended(ref, id)) return 'known'
      throw new SluiceError('unavailable', `too many writers on ${ref.channel} at once`)
    },

    async read(ref, after, limit = 1_000) {
      const now = epochSeconds(clock.now())
      const from = Math.max(0, after + 2 - MAX_EVENTS_PER_ENTRY)
      const events: StreamEvent[] = []
      let start: Record<string, unknown> | undefined
      do {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk AND sk >= :from',
            ExpressionAttributeValues: { ':pk': logKey(ref, 0).pk, ':from': logKey(ref, from).sk },
            ConsistentRead: true,
            Limit: limit + MAX_EVENTS_PER_ENTRY,
            ExclusiveStartKey: start,
          }),
        )
        for (const item of Items) {
          const entry = entrySchema.parse(item)
          if (entry.expiresAt <= now) continue
          events.push(...eventsSchema.parse(JSON.parse(entry.events)).filter((event) => event.sequence > after))
        }
        start = LastEvaluatedKey
      } while (start && events.length < limit)
      return events.slice(0, limit)
    },

    lastSequence,
  }
}
