import { DeleteCommand } from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { LOG_TTL_SECONDS, logKey } from '#shared/streams/stream-keys.ts'
import type { StreamLog, UnnumberedEvent } from '#shared/streams/stream-log.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'
import { aChannel, aChunk, anEnvelope, sequences } from '../../helpers/streams.ts'

type Open = (clock?: Clock, retentionSeconds?: number) => StreamLog

const logs: [string, Open][] = [
  ['memory', memoryStreamLog],
  ...dynamoBackends().map(({ name, client, tables }): [string, Open] => [
    name,
    (clock = systemClock, retentionSeconds = LOG_TTL_SECONDS) =>
      dynamoStreamLog(client, tables.streams, { clock, retentionSeconds }),
  ]),
]

const message = (id: string): UnnumberedEvent => ({
  id,
  numbered: (sequence) => ({ type: 'message', sequence, time: '2026-11-21T09:30:00.000Z', data: anEnvelope({ id }) }),
})
const idsOf = (events: StreamEvent[]): string[] => events.map((event) => (event.type === 'message' ? event.data.id : ''))

describe.each(logs)('StreamLog on %s', (_name, open) => {
  it('reads what was appended, in order, after any cursor', async () => {
    const [log, ref] = [open(), aChannel()]
    await log.append(ref, [aChunk(0)])
    await log.append(ref, [aChunk(1), aChunk(2), aChunk(3)])
    await log.append(ref, [aChunk(4)])

    for (let cursor = -1; cursor <= 4; cursor++) {
      const expected = [0, 1, 2, 3, 4].filter((sequence) => sequence > cursor)
      expect(sequences(await log.read(ref, cursor))).toEqual(expected)
    }
    expect((await log.read(ref, 3))[0]).toEqual(aChunk(4))
  })

  it('reads on between two entries as it does from any cursor', async () => {
    const [log, ref] = [open(), aChannel()]
    await log.append(ref, [aChunk(0), aChunk(1)])
    await log.append(ref, [aChunk(2), aChunk(3), aChunk(4)])

    expect(sequences(await log.read(ref, -1, 10, true))).toEqual([0, 1, 2, 3, 4])
    expect(sequences(await log.read(ref, 1, 10, true))).toEqual([2, 3, 4])
    expect(sequences(await log.read(ref, 1, 2, true))).toEqual([2, 3])
    expect(await log.read(ref, 4, 10, true)).toEqual([])
  })

  it('reads in pages', async () => {
    const [log, ref] = [open(), aChannel()]
    for (let sequence = 0; sequence < 40; sequence++) await log.append(ref, [aChunk(sequence)])

    expect(sequences(await log.read(ref, 19, 5))).toEqual([20, 21, 22, 23, 24])
    expect(sequences(await log.read(ref, -1))).toHaveLength(40)
  })

  it('refuses a second writer at the same place and keeps the first', async () => {
    const [log, ref] = [open(), aChannel()]
    await log.append(ref, [aChunk(0, 'first')])

    expect(await log.append(ref, [aChunk(0, 'second')])).toBe('taken')
    expect(await log.read(ref, -1)).toEqual([aChunk(0, 'first')])
  })

  it('takes a repeated append for the append that it repeats', async () => {
    const [log, ref] = [open(), aChannel()]
    await log.append(ref, [aChunk(0)])

    expect(await log.append(ref, [aChunk(0)])).toBe('appended')
    expect(sequences(await log.read(ref, -1))).toEqual([0])
  })

  it('knows the last sequence', async () => {
    const [log, ref] = [open(), aChannel()]
    expect(await log.lastSequence(ref)).toBe(-1)

    await log.append(ref, [aChunk(0), aChunk(1)])

    expect(await log.lastSequence(ref)).toBe(1)
  })

  it('numbers the events of many writers without a gap', async () => {
    const [log, ref] = [open(), aChannel({ channel: `topic:questions${Math.random()}` })]

    await Promise.all(
      Array.from({ length: 12 }, (_, writer) => log.appendNext(ref, [message(`${writer}a`), message(`${writer}b`)])),
    )

    expect(sequences(await log.read(ref, -1))).toEqual(Array.from({ length: 24 }, (_, index) => index))
  })

  it('numbers an id once', async () => {
    const [log, ref] = [open(), aChannel({ channel: `topic:questions${Math.random()}` })]

    await log.appendNext(ref, [message('a'), message('b')])

    expect(await log.appendNext(ref, [message('b'), message('c'), message('a')])).toBe(1)
    expect(await log.appendNext(ref, [message('c')])).toBe(0)
    expect(await log.appendNext(ref, [message('d'), message('e'), message('d')])).toBe(2)
    expect(idsOf(await log.read(ref, -1))).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('keeps events for a day, and their numbers for ever', async () => {
    let now = Date.now()
    const log = open({ now: () => now })
    const ref = aChannel({ channel: `topic:questions${Math.random()}` })
    await log.appendNext(ref, [message('a'), message('b')])

    now += LOG_TTL_SECONDS * 1_000 + 1_000

    expect(await log.read(ref, -1)).toEqual([])
    expect(await log.lastSequence(ref)).toBe(1)
    await log.appendNext(ref, [message('c')])
    expect(sequences(await log.read(ref, 0))).toEqual([2])
  })

  it('keeps the events of channels with many writers as long as it is told, and knows for a day what came', async () => {
    let now = Date.now()
    const log = open({ now: () => now }, 3_600)
    const [topic, execution] = [aChannel({ channel: `topic:short${Math.random()}` }), aChannel()]
    await log.appendNext(topic, [message('a')])
    await log.append(execution, [aChunk(0)])

    now += 3_601_000

    expect(await log.read(topic, -1)).toEqual([])
    expect(await log.appendNext(topic, [message('a')])).toBe(0)
    expect(sequences(await log.read(execution, -1))).toEqual([0])
  })

  it('keeps tenants apart', async () => {
    const [log, ref] = [open(), aChannel()]
    await log.append(ref, [aChunk(0)])

    expect(await log.read({ ...ref, tenant: 'other' }, -1)).toEqual([])
  })
})

describe.each(dynamoBackends())('the log in the table of $name', ({ client, tables }) => {
  it('goes on numbering when DynamoDB has deleted every entry', async () => {
    const [log, ref] = [dynamoStreamLog(client, tables.streams), aChannel({ channel: `topic:questions${Math.random()}` })]
    await log.appendNext(ref, [message('a'), message('b')])

    await client.send(new DeleteCommand({ TableName: tables.streams, Key: logKey(ref, 0) }))

    expect(await log.lastSequence(ref)).toBe(1)
    await log.appendNext(ref, [message('c')])
    expect(sequences(await log.read(ref, -1))).toEqual([2])
  })
})
