import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { MAX_ANSWER_BYTES, MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { admissionWorlds } from '../../helpers/admission-worlds.ts'
import { aLease, anEnding, anExecution } from '../../helpers/executions.ts'
import { aChunk, aCompletion } from '../../helpers/streams.ts'

const NOW = Date.parse('2026-11-21T09:30:00.000Z')
const lease = (owner: string, now = NOW) => aLease(owner, now)

describe.each(admissionWorlds())('ExecutionStore on %s', (_name, open) => {
  /** A stored execution whose writer has the fence 1. */
  async function running(overrides: Partial<ExecutionRecord> = {}) {
    const [world, record] = [open(), anExecution(overrides)]
    await world.executions.create(record, NOW)
    await world.executions.acquire(record, lease('a'))
    return { ...world, record, standing: () => world.executions.get(record) }
  }

  it('creates once and shows what stands there', async () => {
    const [{ executions }, record] = [open(), anExecution()]
    expect(await executions.create(record, NOW)).toEqual({ result: 'created' })

    const again = await executions.create({ ...record, requestHash: 'other' }, NOW)

    expect(again).toEqual({ result: 'exists', record })
    expect(await executions.get(record)).toEqual(record)
    expect(await executions.get({ ...record, tenant: 'other' })).toBeUndefined()
  })

  it('keeps everything that was asked for', async () => {
    const record = anExecution({
      worker: 'triage',
      inputRef: 'inputs/1',
      type: 'question',
      expiresAtMs: NOW + 1_000,
      timeoutSeconds: 30,
      retry: { maxAttempts: 2, backoffSeconds: 0.5, retryOnErrors: ['timeout'] },
      callbackUrl: 'https://example.org/done',
      source: 'tester',
      messageId: 'message-1',
      topic: 'questions',
      replyTo: 'answers',
      correlationId: 'case 7',
      parentId: 'parent-1',
      rootId: 'root-1',
      rootSource: '/principals/ada',
      depth: 3,
      retryOf: 'execution-0',
    })
    const { executions } = open()
    await executions.create(record, NOW)

    expect(await executions.get(record)).toEqual(record)
  })

  it('gives the lease to one of many', async () => {
    const [{ executions }, record] = [open(), anExecution()]
    await executions.create(record, NOW)

    const taken = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => executions.acquire(record, lease(owner))))

    expect(taken.map(({ result }) => result).sort()).toEqual(['acquired', 'held', 'held', 'held'])
    expect(await executions.get(record)).toMatchObject({ status: 'running', fence: 1, attempt: 1 })
  })

  it('lets a later writer in when the lease has expired, and keeps the earlier one out', async () => {
    const { executions, record, standing } = await running()

    expect((await executions.acquire(record, lease('b', NOW + 29_000))).result).toBe('held')
    const later = await executions.acquire(record, lease('b', NOW + 30_001))

    expect(later).toMatchObject({ result: 'acquired', record: { fence: 2, attempt: 2, nextAttempt: 3 } })
    const state = { attempt: 1, postedThrough: 0 }
    expect(await executions.renew(record, 1, { ...state, expiresAt: NOW + 90_000 })).toBe('lost')
    expect(await executions.saveCheckpoint(record, 1, { ...state, checkpoint: { state: '1', sequence: 0 } })).toBe('lost')
    expect(await executions.handOver(record, 1, { ...state, dueAt: NOW })).toBe('lost')
    expect(await executions.retryLater(record, 1, { ...state, retryAt: NOW, dueAt: NOW })).toBe('lost')
    expect(await executions.end(record, 1, anEnding())).toBe('lost')
    expect(await executions.renew(record, 2, { expiresAt: NOW + 90_000, attempt: 3, postedThrough: 7 })).toBe('renewed')
    expect(await standing()).toMatchObject({
      status: 'running',
      attempt: 3,
      nextAttempt: 4,
      postedThrough: 7,
      leaseExpiresAt: NOW + 90_000,
    })
  })

  it('ends the execution and its stream together', async () => {
    const { executions, log, record, standing } = await running()

    expect(await executions.end(record, 1, anEnding())).toBe('ended')

    const ended = await standing()
    expect(ended).toMatchObject({ status: 'completed', output: { text: 'A gate.' }, endedAt: '2026-11-21T09:31:00.000Z' })
    expect(ended?.leaseOwner).toBeUndefined()
    expect(await log.read(executionRef(record), -1)).toEqual([aChunk(0), aCompletion(1)])
    expect((await executions.acquire(record, lease('b', NOW + 90_000))).result).toBe('ended')
    expect(await executions.end(record, 2, anEnding())).toBe('lost')
  })

  it('takes a repeated ending for the ending that it repeats', async () => {
    const { executions, record, standing } = await running()

    expect(await executions.end(record, 1, anEnding())).toBe('ended')
    expect(await executions.end(record, 1, anEnding({ status: 'failed' }))).toBe('ended')

    expect(await standing()).toMatchObject({ status: 'completed' })
  })

  it('keeps any JSON as it came', async () => {
    const anything = {
      '': 'no name',
      id: Number.MAX_SAFE_INTEGER * 1_000,
      tiny: 1e-300,
      huge: 1e300,
      deep: [[[{}]]],
      text: 'a\u0000b',
      nothing: null,
    }
    const { executions, record, standing } = await running({ input: anything })

    await executions.end(record, 1, anEnding({ output: { text: '', data: anything } }))

    expect(await standing()).toMatchObject({ input: anything, output: { text: '', data: anything } })
  })

  it('keeps settings that are smaller than the numbers of tables', async () => {
    const settings = { llm: { temperature: 5e-324 }, retry: { backoffSeconds: 1e-200 } }
    const { standing } = await running(settings)

    expect(await standing()).toMatchObject(settings)
  })

  it('tells no data from data that is nothing', async () => {
    const [empty, none] = [await running(), await running()]

    await empty.executions.end(empty.record, 1, anEnding({ output: { text: '', data: null } }))
    await none.executions.end(none.record, 1, anEnding({ output: { text: '' } }))

    expect((await empty.standing())?.output).toEqual({ text: '', data: null })
    expect((await none.standing())?.output).toEqual({ text: '' })
  })

  it('has room for the largest input with the largest answer', async () => {
    const { executions, record, standing } = await running({ input: { content: 'i'.repeat(MAX_MESSAGE_BYTES - 1_000) } })
    // Nothing that can be compressed.
    const text = randomBytes(MAX_ANSWER_BYTES).toString('base64').slice(0, MAX_ANSWER_BYTES)

    expect(await executions.end(record, 1, anEnding({ output: { text } }))).toBe('ended')
    expect((await standing())?.output).toEqual({ text })
  })

  it('ends nothing when the place in the log is taken', async () => {
    const { executions, log, record, standing } = await running()
    await log.append(executionRef(record), [aChunk(0, 'zombie')])

    expect(await executions.end(record, 1, anEnding())).toBe('lost')
    expect(await standing()).toMatchObject({ status: 'running' })
  })

  it('knows no execution it was not given', async () => {
    const [{ executions }, unknown] = [open(), anExecution()]

    expect(await executions.acquire(unknown, lease('a'))).toEqual({ result: 'missing' })
    expect(await executions.requestCancel(unknown, '2026-11-21T09:30:00.000Z')).toBe('changed')
    expect(await executions.endQueued(unknown, anEnding())).toBe('changed')
    expect(await executions.end(unknown, 1, anEnding())).toBe('lost')
    await executions.postpone(unknown, NOW)
    expect(await executions.get(unknown)).toBeUndefined()
  })

  it('lists what is overdue: queued too long, lease expired; and nothing that ended', async () => {
    const { executions } = open()
    const [waiting, crashed, alive, done] = [anExecution(), anExecution(), anExecution(), anExecution()]
    for (const record of [waiting, crashed, alive, done]) await executions.create(record, NOW + 1)
    await executions.acquire(crashed, lease('a', NOW - 30_000))
    await executions.acquire(alive, lease('a', NOW))
    await executions.acquire(done, lease('a', NOW - 30_000))
    await executions.end(done, 1, anEnding())
    const dueAt = async (now: number): Promise<string[]> => (await executions.listDue(now, 10_000)).map((key) => key.executionId)

    const due = await dueAt(NOW + 2)

    expect(due).toEqual(expect.arrayContaining([waiting.executionId, crashed.executionId]))
    expect(due).not.toContain(alive.executionId)
    expect(due).not.toContain(done.executionId)
    for (const record of [waiting, crashed, alive, done]) await executions.postpone(record, NOW + 60_000)
    expect(await dueAt(NOW + 2)).not.toContain(waiting.executionId)
    expect(await dueAt(NOW + 60_001)).not.toContain(done.executionId)
  })

  it('stores what a later writer goes on from', async () => {
    const { executions, record, standing } = await running()
    const checkpoint = { state: '{"turn":2}', sequence: 8 }

    for (let tries = 0; tries < 2; tries++) {
      expect(await executions.saveCheckpoint(record, 1, { attempt: 1, postedThrough: 8, checkpoint })).toBe('saved')
    }

    expect(await standing()).toMatchObject({ checkpoint, postedThrough: 8, attempt: 1, nextAttempt: 2, leaseOwner: 'a' })
  })

  it('hands over to another invocation of the same attempt', async () => {
    const { executions, record, standing } = await running()
    const state = { attempt: 1, postedThrough: 4, dueAt: NOW + 5_000 }

    for (let tries = 0; tries < 2; tries++) expect(await executions.handOver(record, 1, state)).toBe('queued')

    expect(await standing()).toMatchObject({ status: 'queued', fence: 1, postedThrough: 4 })
    expect((await standing())?.leaseOwner).toBeUndefined()
    expect((await executions.listDue(NOW + 5_001, 10_000)).map((key) => key.executionId)).toContain(record.executionId)
    const next = await executions.acquire(record, lease('b'))
    expect(next).toMatchObject({ result: 'acquired', record: { fence: 2, attempt: 1, nextAttempt: 2 } })
    expect(await executions.handOver(record, 1, state)).toBe('lost')
  })

  it('queues the next attempt for later, which nobody begins without a slot', async () => {
    const { executions, record, standing } = await running()
    const state = { attempt: 2, postedThrough: 4, retryAt: NOW + 60_000, dueAt: NOW + 60_000 }

    for (let tries = 0; tries < 2; tries++) expect(await executions.retryLater(record, 1, state)).toBe('queued')

    expect(await standing()).toMatchObject({ status: 'queued', attempt: 2, nextAttempt: 3, retryAt: NOW + 60_000 })
    expect((await executions.acquire(record, lease('late', NOW + 90_000))).result).toBe('parked')
    const next = await executions.acquire(record, aLease('b', NOW + 90_000, { tookSlot: true }))
    expect(next).toMatchObject({ result: 'acquired', record: { fence: 2, attempt: 3, nextAttempt: 4 } })
    expect((await standing())?.retryAt).toBeUndefined()
    expect(await executions.retryLater(record, 1, state)).toBe('lost')
  })

  it('knows of no next attempt of what was cancelled before it', async () => {
    const { executions, record, standing } = await running()
    await executions.retryLater(record, 1, { attempt: 1, postedThrough: -1, retryAt: NOW + 60_000, dueAt: NOW + 60_000 })

    await executions.endQueued(record, anEnding({ status: 'cancelled' }))

    expect(await standing()).toMatchObject({ status: 'cancelled', attempt: 1 })
    expect((await standing())?.retryAt).toBeUndefined()
  })

  it('remembers the first wish to cancel, of what runs alone', async () => {
    const { executions, record, standing } = await running()
    const queued = anExecution()
    await executions.create(queued, NOW)

    expect(await executions.requestCancel(record, '2026-11-21T09:30:05.000Z')).toBe('requested')
    expect(await executions.requestCancel(record, '2026-11-21T09:30:06.000Z')).toBe('requested')
    expect((await standing())?.cancelRequestedAt).toBe('2026-11-21T09:30:05.000Z')
    expect(await executions.requestCancel(queued, '2026-11-21T09:30:05.000Z')).toBe('changed')
    await executions.end(record, 1, anEnding({ status: 'cancelled' }))
    expect(await executions.requestCancel(record, '2026-11-21T09:30:07.000Z')).toBe('changed')
  })

  it('ends what nobody runs, with the events of its stream', async () => {
    const [{ executions, log }, record] = [open(), anExecution()]
    await executions.create(record, NOW)
    const cancelled = anEnding({ status: 'cancelled', output: undefined, usage: undefined, events: [aCompletion(0)] })

    for (let tries = 0; tries < 2; tries++) expect(await executions.endQueued(record, cancelled)).toBe('ended')

    expect(await executions.get(record)).toMatchObject({ status: 'cancelled', endedAt: cancelled.endedAt })
    expect(await log.read(executionRef(record), -1)).toEqual([aCompletion(0)])
    expect((await executions.listDue(NOW + 1, 10_000)).map((key) => key.executionId)).not.toContain(record.executionId)
    expect(await executions.endQueued(record, { ...cancelled, status: 'expired' })).toBe('changed')
  })

  it('ends nothing as queued that runs, or whose place in the log is taken', async () => {
    const { executions, record, standing } = await running()
    const taken = anExecution()
    const world = open()
    await world.executions.create(taken, NOW)
    await world.log.append(executionRef(taken), [aChunk(0, 'other')])

    expect(await executions.endQueued({ ...record, status: 'queued' }, anEnding({ status: 'cancelled' }))).toBe('changed')
    expect(await standing()).toMatchObject({ status: 'running' })
    expect(await world.executions.endQueued(taken, anEnding({ status: 'cancelled' }))).toBe('changed')
    expect(await world.executions.get(taken)).toMatchObject({ status: 'queued' })
  })
})
