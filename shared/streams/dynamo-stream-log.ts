import { type DynamoDBDocumentClient, PutCommand, paginateQuery, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type Clock, epochSeconds, sleep, systemClock } from '#shared/platform/clock.ts'
import { cancellationCodes, isConditionFailure, isTransactionConflict, itemBefore } from '#shared/platform/dynamo-errors.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { type StreamEvent, streamEventSchema } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from './channel-ref.ts'
import { appendedKey, LAST_ENTRY_SORT_KEY, LAST_SORT_KEY, LOG_TTL_SECONDS, lastKey, logKey } from './stream-keys.ts'
import { APPEND_PATIENCE_MS, distinct, MAX_EVENTS_PER_ENTRY, type StreamLog, type UnnumberedEvent } from './stream-log.ts'

const entrySchema = z.object({ events: z.string(), expiresAt: z.number() })
const lastSchema = z.object({ last: z.number() })
const eventsSchema = z.array(streamEventSchema)

/** Longest pause before the next look for a free number, in milliseconds. */
const LONGEST_PAUSE_MS = 50

/** The conditional put of one entry, for use alone or within a transaction of another store. */
export function logEntryPut(
  table: string,
  ref: ChannelRef,
  events: StreamEvent[],
  clock: Clock,
  retentionSeconds: number = LOG_TTL_SECONDS,
) {
  const [first] = events
  if (!first || events.length > MAX_EVENTS_PER_ENTRY) throw new RangeError(`an entry holds 1 to ${MAX_EVENTS_PER_ENTRY} events`)
  return {
    TableName: table,
    Item: {
      ...logKey(ref, first.sequence),
      events: JSON.stringify(events),
      expiresAt: epochSeconds(clock.now()) + retentionSeconds,
    },
    ConditionExpression: 'attribute_not_exists(pk)',
  }
}

/**
 * The stream log in the streams table: one item an entry, sorted by the sequence of its first event. Behind the entries of a channel with
 * many writers stands its last number.
 *
 * @param options - `retentionSeconds`: how long the events of channels with many writers can be read; a day when absent, as those of executions
 */
export function dynamoStreamLog(
  client: DynamoDBDocumentClient,
  table: string,
  { clock = systemClock, retentionSeconds = LOG_TTL_SECONDS }: { clock?: Clock; retentionSeconds?: number } = {},
): StreamLog {
  async function lastSequence(ref: ChannelRef): Promise<number> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': lastKey(ref).pk },
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: 1,
      }),
    )
    const [item] = Items
    if (!item) return -1
    if (item.sk === LAST_SORT_KEY) return lastSchema.parse(item).last
    return eventsSchema.parse(JSON.parse(entrySchema.parse(item).events)).at(-1)?.sequence ?? -1
  }

  /** One try to take the numbers behind `before`. `known` lists the ids that have a number already; then nothing was written. */
  async function appendAfter(
    ref: ChannelRef,
    before: number,
    events: UnnumberedEvent[],
  ): Promise<'appended' | 'taken' | { known: Set<string> }> {
    const numbered = events.map((event, index) => event.numbered(before + 1 + index))
    const entry = logEntryPut(table, ref, numbered, clock, retentionSeconds)
    const last = {
      TableName: table,
      Item: { ...lastKey(ref), last: before + events.length },
      ConditionExpression: 'attribute_not_exists(pk) OR #last = :before',
      ExpressionAttributeNames: { '#last': 'last' },
      ExpressionAttributeValues: { ':before': before },
    }
    const markers = events.map(({ id }) => ({
      TableName: table,
      // A message that comes again is known for a day at the least, however soon its event may be forgotten.
      Item: { ...appendedKey(ref, id), expiresAt: epochSeconds(clock.now()) + Math.max(retentionSeconds, LOG_TTL_SECONDS) },
      ConditionExpression: 'attribute_not_exists(pk)',
    }))
    try {
      const TransactItems = [entry, last, ...markers].map((Put) => ({ Put }))
      await client.send(new TransactWriteCommand({ TransactItems }))
      return 'appended'
    } catch (error) {
      const [place, number, ...ids] = cancellationCodes(error) ?? []
      const known = events.filter((_, index) => ids[index] === 'ConditionalCheckFailed').map(({ id }) => id)
      if (known.length > 0) return { known: new Set(known) }
      if ([place, number].includes('ConditionalCheckFailed') || isTransactionConflict(error)) return 'taken'
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

    async appendNext(ref, events) {
      const until = clock.now() + APPEND_PATIENCE_MS
      let fresh = distinct(events)
      while (fresh.length > 0) {
        const result = await appendAfter(ref, await lastSequence(ref), fresh)
        if (result === 'appended') return fresh.length
        if (result !== 'taken') fresh = fresh.filter(({ id }) => !result.known.has(id))
        else if (clock.now() < until) await sleep(Math.random() * LONGEST_PAUSE_MS)
        else throw new SluiceError('unavailable', `too many writers on ${ref.channel} at once`)
      }
      return 0
    },

    async read(ref, after, limit = 1_000, betweenEntries = false) {
      const now = epochSeconds(clock.now())
      const from = betweenEntries ? after + 1 : Math.max(0, after + 2 - MAX_EVENTS_PER_ENTRY)
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':pk': lastKey(ref).pk, ':from': logKey(ref, from).sk, ':to': LAST_ENTRY_SORT_KEY },
          ConsistentRead: true,
          Limit: limit + MAX_EVENTS_PER_ENTRY,
        },
      )
      const events: StreamEvent[] = []
      for await (const { Items = [] } of pages) {
        for (const item of Items) {
          const entry = entrySchema.parse(item)
          if (entry.expiresAt <= now) continue
          events.push(...eventsSchema.parse(JSON.parse(entry.events)).filter((event) => event.sequence > after))
        }
        if (events.length >= limit) break
      }
      return events.slice(0, limit)
    },

    lastSequence,
  }
}
