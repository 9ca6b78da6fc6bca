import { describe, expect, it } from 'vitest'
import { dynamoExecutionStore } from '#shared/executions/dynamo-execution-store.ts'
import type { Ending } from '#shared/executions/execution-record.ts'
import type { ExecutionStore } from '#shared/executions/execution-store.ts'
import { memoryExecutionStore } from '#shared/executions/memory-execution-store.ts'
import { executionChannel } from '#shared/protocol/channel.ts'
import { MAX_ANSWER_BYTES, MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'
import { anExecution } from '../../helpers/executions.ts'
import { aChunk, aCompletion } from '../../helpers/streams.ts'

type Stores = { executions: ExecutionStore; log: StreamLog }

function inMemory(): Stores {
  const log = memoryStreamLog()
  return { log, executions: memoryExecutionStore(log) }
}

const stores: [string, () => Stores][] = [
  ['memory', inMemory],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => Stores] => [
    name,
    () => ({ log: dynamoStreamLog(client, tables.streams), executions: dynamoExecutionStore(client, tables) }),
  ]),
]

const NOW = Date.parse('2026-11-21T09:30:00.000Z')
const lease = (owner: string, now = NOW) => ({ owner, now, expiresAt: now + 30_000 })
const ending = (overrides: Partial<Ending> = {}): Ending => ({
  status: 'completed',
  endedAt: '2026-11-21T09:31:00.000Z',
  output: { text: 'A gate.' },
  usage: { inputTokens: 5, outputTokens: 2 },
  events: [aChunk(0), aCompletion(1)],
  ...overrides,
})

describe.each(stores)('ExecutionStore on %s', (_name, open) => {
  it('creates once and shows what stands there', async () => {
    const [{ executions }, record] = [open(), anExecution()]
    expect(await executions.create(record, NOW)).toEqual({ result: 'created' })

    const again = await executions.create({ ...record, requestHash: 'other' }, NOW)

    expect(again).toEqual({ result: 'exists', record })
    expect(await executions.get(record)).toEqual(record)
    expect(await executions.get({ ...record, tenant: 'other' })).toBeUndefined()
  })

  it('gives the lease to one of many', async () => {
    const [{ executions }, record] = [open(), anExecution()]
    await executions.create(record, NOW)

    const taken = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => executions.acquire(record, lease(owner))))

    expect(taken.map(({ result }) => result).sort()).toEqual(['acquired', 'held', 'held', 'held'])
    expect(await executions.get(record)).toMatchObject({ status: 'running', fence: 1, attempt: 1 })
  })

  it('lets a later writer in when the lease has expired, and keeps the earlier one out', async () => {
    const [{ executions }, record] = [open(), anExecution()]
    await executions.create(record, NOW)
    await executions.acquire(record, lease('a'))

    expect((await executions.acquire(record, lease('b', NOW + 29_000))).result).toBe('held')
    const later = await executions.acquire(record, lease('b', NOW + 30_001))

    expect(later).toMatchObject({ result: 'acquired', record: { fence: 2, attempt: 2 } })
    expect(await executions.renew(record, 1, { expiresAt: NOW + 90_000, attempt: 1, postedThrough: 0 })).toBe('lost')
    expect(await executions.end(record, 1, ending())).toBe('lost')
    expect(await executions.renew(record, 2, { expiresAt: NOW + 90_000, attempt: 3, postedThrough: 7 })).toBe('renewed')
    expect(await executions.get(record)).toMatchObject({ attempt: 3, postedThrough: 7, leaseExpiresAt: NOW + 90_000 })
  })

  it('ends the execution and its stream together', async () => {
    const [{ executions, log }, record] = [open(), anExecution()]
    await executions.create(record, NOW)
    await executions.acquire(record, lease('a'))

    expect(await executions.end(record, 1, ending())).toBe('ended')

    const ended = await executions.get(record)
    expect(ended).toMatchObject({ status: 'completed', output: { text: 'A gate.' }, endedAt: '2026-11-21T09:31:00.000Z' })
    expect(ended?.leaseOwner).toBeUndefined()
    const ref = { tenant: record.tenant, channel: executionChannel(record.executionId) }
    expect(await log.read(ref, -1)).toEqual([aChunk(0), aCompletion(1)])
    expect((await executions.acquire(record, lease('b', NOW + 90_000))).result).toBe('ended')
    expect(await executions.end(record, 2, ending())).toBe('lost')
  })

  it('takes a repeated ending for the ending that it repeats', async () => {
    const [{ executions }, record] = [open(), anExecution()]
    await executions.create(record, NOW)
    await executions.acquire(record, lease('a'))

    expect(await executions.end(record, 1, ending())).toBe('ended')
    expect(await executions.end(record, 1, ending({ status: 'failed' }))).toBe('ended')

    expect(await executions.get(record)).toMatchObject({ status: 'completed' })
  })

  it('keeps any JSON as it came', async () => {
    const input = {
      '': 'no name',
      id: Number.MAX_SAFE_INTEGER * 1_000,
      tiny: 1e-300,
      huge: 1e300,
      deep: [[[{}]]],
      text: 'a\u0000b',
    }
    const [{ executions }, record] = [open(), anExecution({ input })]
    await executions.create(record, NOW)

    expect((await executions.get(record))?.input).toEqual(input)
  })

  it('has room for the largest input with the largest answer', async () => {
    const input = { content: 'i'.repeat(MAX_MESSAGE_BYTES - 1_000) }
    const [{ executions }, record] = [open(), anExecution({ input })]
    await executions.create(record, NOW)
    await executions.acquire(record, lease('a'))

    expect(await executions.end(record, 1, ending({ output: { text: 'a'.repeat(MAX_ANSWER_BYTES) } }))).toBe('ended')
  })

  it('ends nothing when the place in the log is taken', async () => {
    const [{ executions, log }, record] = [open(), anExecution()]
    await executions.create(record, NOW)
    await executions.acquire(record, lease('a'))
    await log.append({ tenant: record.tenant, channel: executionChannel(record.executionId) }, [aChunk(0, 'zombie')])

    expect(await executions.end(record, 1, ending())).toBe('lost')
    expect(await executions.get(record)).toMatchObject({ status: 'running' })
  })

  it('knows no execution it was not given', async () => {
    expect(await open().executions.acquire(anExecution(), lease('a'))).toEqual({ result: 'missing' })
  })

  it('lists what is overdue: queued too long, lease expired; and nothing that ended', async () => {
    const { executions } = open()
    const [waiting, crashed, alive, done] = [anExecution(), anExecution(), anExecution(), anExecution()]
    for (const record of [waiting, crashed, alive, done]) await executions.create(record, NOW + 1)
    await executions.acquire(crashed, lease('a', NOW - 30_000))
    await executions.acquire(alive, lease('a', NOW))
    await executions.acquire(done, lease('a', NOW - 30_000))
    await executions.end(done, 1, ending())
    const dueAt = async (now: number): Promise<string[]> => (await executions.listDue(now, 10_000)).map((key) => key.executionId)

    const due = await dueAt(NOW + 2)

    expect(due).toEqual(expect.arrayContaining([waiting.executionId, crashed.executionId]))
    expect(due).not.toContain(alive.executionId)
    expect(due).not.toContain(done.executionId)
    for (const record of [waiting, crashed, alive, done]) await executions.postpone(record, NOW + 60_000)
    expect(await dueAt(NOW + 2)).not.toContain(waiting.executionId)
    expect(await dueAt(NOW + 60_001)).not.toContain(done.executionId)
  })
})
