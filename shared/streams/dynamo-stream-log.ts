import { type DynamoDBDocumentClient, PutCommand, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type Clock, epochSeconds, systemClock } from '#shared/platform/clock.ts'
import { cancellationCodes, isConditionFailure, isTransactionConflict, itemBefore } from '#shared/platform/dynamo-errors.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { retryOnConflict } from '#shared/platform/retry-on-conflict.ts'
import { type StreamEvent, streamEventSchema } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from './channel-ref.ts'
import { appendedKey, LOG_TTL_SECONDS, logKey } from './stream-keys.ts'
import { MAX_EVENTS_PER_ENTRY, type StreamLog, type UnnumberedEvent } from './stream-log.ts'

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

  /** One try to take the numbers from `first`. `known` lists the ids that have a number already; then nothing was written. */
  async function appendAt(
    ref: ChannelRef,
    first: number,
    events: UnnumberedEvent[],
  ): Promise<'appended' | 'taken' | { known: Set<string> }> {
    const entry = logEntryPut(
      table,
      ref,
      events.map((event, index) => event.numbered(first + index)),
      clock,
    )
    const markers = events.map(({ id }) => ({
      TableName: table,
      Item: { ...appendedKey(ref, id), expiresAt: entry.Item.expiresAt },
      ConditionExpression: 'attribute_not_exists(pk)',
    }))
    try {
      const TransactItems = [entry, ...markers].map((Put) => ({ Put }))
      await retryOnConflict(() => client.send(new TransactWriteCommand({ TransactItems })))
      return 'appended'
    } catch (error) {
      const [place, ...ids] = cancellationCodes(error) ?? []
      const known = events.filter((_, index) => ids[index] === 'ConditionalCheckFailed').map(({ id }) => id)
      if (known.length > 0) return { known: new Set(known) }
      if (place === 'ConditionalCheckFailed') return 'taken'
      throw isTransactionConflict(error) ? tooManyWriters(ref, error) : error
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

    async appendNext(ref, events) {
      let fresh = events
      let next = (await lastSequence(ref)) + 1
      for (let tries = 0; fresh.length > 0 && tries < MAX_NUMBER_TRIES; tries++) {
        const result = await appendAt(ref, next, fresh)
        if (result === 'appended') return fresh.length
        // An entry may hold several events, so the next number is read; usually it is free.
        if (result === 'taken') next = (await lastSequence(ref)) + 1
        else fresh = fresh.filter(({ id }) => !result.known.has(id))
      }
      if (fresh.length > 0) throw tooManyWriters(ref)
      return 0
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

const tooManyWriters = (ref: ChannelRef, cause?: unknown): SluiceError =>
  new SluiceError('unavailable', `too many writers on ${ref.channel} at once`, { cause })
