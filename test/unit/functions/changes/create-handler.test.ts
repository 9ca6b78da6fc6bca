import type { Context, DynamoDBRecord } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import type { Fact } from '#shared/events/fact.ts'
import { memoryLifecycleBus } from '#shared/events/memory-lifecycle-bus.ts'
import { toItem } from '#shared/executions/execution-item.ts'
import { memoryTenantGate } from '#shared/limits/memory-tenant-gate.ts'
import { memoryDeadLetterQueue } from '#shared/messaging/memory-dead-letter-queue.ts'
import { noMetrics } from '#shared/metrics/embedded-metrics.ts'
import { memoryCounterStore } from '#shared/metrics/memory-counter-store.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { createHandler } from '../../../../functions/changes/create-handler.ts'
import type { ChangesFunctionDependencies } from '../../../../functions/changes/dependencies.ts'
import { anAgent, anExecution } from '../../../helpers/executions.ts'
import { aStreamRecord } from '../../../helpers/stream-records.ts'

/** When the records of the tests were written. */
const WRITTEN_AT = Date.parse('2026-11-21T09:30:07.000Z')
/** When our own mistakes hold up nothing any more. */
const LATE = { now: () => WRITTEN_AT + 11 * 60_000 }
const endedAt = '2026-11-21T09:30:03.500Z'

function changes({
  refuses,
  ...overrides
}: Partial<ChangesFunctionDependencies> & { refuses?: (fact: Fact) => string | undefined } = {}) {
  const bus = memoryLifecycleBus(refuses)
  const deadLetters = memoryDeadLetterQueue()
  const logger = memoryLog()
  const counters = memoryCounterStore()
  const handler = createHandler({
    bus,
    channels: { publish: async () => undefined },
    admitNext: async () => 0,
    onEnded: [],
    noteAgent: async () => undefined,
    onFact: [],
    counters,
    metrics: noMetrics,
    sampling: { health: 0 },
    clock: { now: () => WRITTEN_AT + 60_000 },
    deadLetters,
    logger,
    auditTable: 'audit',
    seals: memoryAuditLog(),
    tenants: memoryTenantGate(),
    ...overrides,
  })
  const handle = (Records: DynamoDBRecord[]) => handler({ Records }, {} as Context)
  return { handle, bus, deadLetters, logger, counters }
}

const ends = (index: number) => {
  const record = anExecution({ executionId: `e-${index}`, status: 'running', attempt: 1, nextAttempt: 2 })
  const key = { pk: `T#acme#EXEC#e-${index}`, sk: 'EXEC' }
  // Long enough to be kept as bytes.
  const ended = { ...record, status: 'completed', endedAt, output: { text: 'A gate. '.repeat(200) } } as const
  return aStreamRecord(index, { key, before: toItem(record, 1), after: toItem(ended, 1) })
}
const isPaused = (index: number) =>
  aStreamRecord(index, {
    key: { pk: 'T#acme', sk: 'AGENT#assistant' },
    before: anAgent(),
    after: anAgent({ status: 'paused', revision: 2 }),
  })
const unreadable = (index: number) =>
  aStreamRecord(index, { key: { pk: 'T#acme', sk: 'AGENT#assistant' }, after: { status: 'singing' } })

describe('changes of a tenant that is closed', () => {
  it('are forgotten where they come late, so that nothing is written behind its erasure', async () => {
    const tenants = memoryTenantGate()
    await tenants.close('acme')
    const { handle, bus, counters } = changes({ tenants })

    expect(await handle([ends(0), isPaused(1), unreadable(2)])).toEqual({ batchItemFailures: [] })

    expect(bus.published).toEqual([])
    expect(await counters.totals('acme')).toEqual({})
  })

  it('are done where they come at once: its erasure waits for them', async () => {
    const tenants = memoryTenantGate()
    await tenants.close('acme')
    const { handle, bus } = changes({ tenants, clock: { now: () => WRITTEN_AT + 9_000 } })

    await handle([isPaused(0)])

    expect(bus.published.map(({ event }) => event.type)).toEqual(['agent.paused', 'agent.status_changed'])
  })

  it('hold up nobody beside it', async () => {
    const tenants = memoryTenantGate()
    await tenants.close('acm')
    const { handle, bus } = changes({ tenants })

    await handle([ends(0)])

    expect(bus.published).toHaveLength(1)
  })
})

describe('changes', () => {
  it('tells what was written, at the time of the stream', async () => {
    const { handle, bus } = changes()
    const removed = aStreamRecord(2, { key: { pk: 'T#acme', sk: 'AGENT#assistant' }, before: anAgent({ status: 'stopping' }) })

    expect(await handle([ends(0), isPaused(1), removed])).toEqual({ batchItemFailures: [] })

    expect(bus.published.map(({ event }) => event.type)).toEqual([
      'execution.completed',
      'agent.paused',
      'agent.status_changed',
      'agent.status_changed',
      'agent.deleted',
    ])
    expect(bus.published.at(-1)?.event.time).toBe('2026-11-21T09:30:07.000Z')
  })

  it('counts what is done, and nothing that comes again', async () => {
    const down =
      (failing: string[]) =>
      async ({ executionId }: { executionId: string }) => {
        if (failing.includes(executionId)) throw new SluiceError('unavailable', 'down')
      }
    const inTheMiddle = changes({ onEnded: [down(['e-1'])] })
    expect(await inTheMiddle.handle([ends(0), ends(1), ends(2)])).toEqual({ batchItemFailures: [{ itemIdentifier: 's-1' }] })
    expect(await inTheMiddle.counters.totals('acme')).toMatchObject({ completed: 1 })

    const atTheStart = changes({ onEnded: [down(['e-0'])] })
    await expect(atTheStart.handle([ends(0), ends(1)])).rejects.toThrow('down')
    expect(await atTheStart.counters.totals('acme')).toEqual({})
  })

  it('notes an agent as it stood last', async () => {
    const noted: unknown[] = []
    const { handle } = changes({ noteAgent: async (agent, state) => void noted.push([agent, state?.status]) })
    const created = aStreamRecord(0, { key: { pk: 'T#acme', sk: 'AGENT#assistant' }, after: anAgent() })

    await handle([created, isPaused(1)])

    expect(noted).toEqual([[{ tenant: 'acme', agentId: 'assistant' }, 'paused']])
  })

  it('asks for what failed again, in the order of the stream', async () => {
    const failing = ['e-3', 'e-1']
    const { handle, logger } = changes({
      onEnded: [
        async ({ executionId }) => {
          if (failing.includes(executionId)) throw new SluiceError('unavailable', 'down')
        },
      ],
    })

    const answer = await handle([ends(0), ends(1), ends(2), ends(3)])

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 's-1' }, { itemIdentifier: 's-3' }] })
    expect(logger.lines).toMatchObject([{ code: 'change_retried' }, { code: 'change_retried' }])
  })

  it('fails as a whole when the first change did', async () => {
    const { handle } = changes({ refuses: () => 'InternalFailure' })

    await expect(handle([ends(0), ends(1)])).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('tries again what it cannot read: whatever wrote it may be mended soon', async () => {
    const { handle, bus, deadLetters, logger } = changes()

    expect(await handle([ends(0), unreadable(1), ends(2)])).toEqual({ batchItemFailures: [{ itemIdentifier: 's-1' }] })

    expect(bus.published).toHaveLength(2)
    expect(deadLetters.sent).toEqual([])
    expect(logger.lines).toMatchObject([{ level: 'warn', code: 'change_retried' }])
  })

  it('puts aside nothing that a later version wrote, however late, and wakes whom it must', async () => {
    const ended: string[] = []
    const { handle, deadLetters, logger } = changes({
      clock: LATE,
      onEnded: [async ({ executionId }) => void ended.push(executionId)],
    })
    const key = { pk: 'T#acme#EXEC#e-0', sk: 'EXEC' }
    const waiting = {
      ...toItem(anExecution({ executionId: 'e-0', status: 'queued', attempt: 1 }), 1),
      suspended: { for: 'weather', since: 1, until: 2 },
    }
    const records = [
      aStreamRecord(0, { key, before: waiting, after: { ...waiting, status: 'cancelled', endedAt } }),
      aStreamRecord(1, { key, before: waiting, after: { ...waiting, status: 'dreaming' } }),
      ends(2),
    ]

    expect(await handle(records)).toEqual({ batchItemFailures: [] })

    expect(ended).toEqual(['e-0', 'e-2'])
    expect(deadLetters.sent).toEqual([])
    expect(logger.lines).toMatchObject([
      { level: 'warn', code: 'change_unknown', fields: { attributes: ['suspended'], ignored: false } },
      { level: 'warn', code: 'change_unknown', fields: { attributes: ['suspended', 'status'], ignored: true } },
    ])
  })

  it('puts aside what nobody could read for minutes, and goes on', async () => {
    const { handle, bus, deadLetters, logger } = changes({ clock: LATE })

    expect(await handle([unreadable(0), ends(1)])).toEqual({ batchItemFailures: [] })

    expect(bus.published).toHaveLength(1)
    expect(deadLetters.sent).toMatchObject([{ code: 'internal', record: { messageId: 'event-0' } }])
    expect(JSON.parse(deadLetters.sent[0]?.record.body ?? '')).toEqual({
      eventName: 'INSERT',
      keys: { pk: { S: 'T#acme' }, sk: { S: 'AGENT#assistant' } },
      sequenceNumber: 's-0',
    })
    expect(logger.lines).toMatchObject([{ level: 'error', code: 'change_refused' }])
  })

  it('puts aside what fails for good, and tries again what is our own mistake', async () => {
    const codes = { 'e-1': 'payload_too_large', 'e-2': 'internal' } as const
    const { handle, deadLetters } = changes({
      onEnded: [
        async ({ executionId }) => {
          if (executionId in codes) throw new SluiceError(codes[executionId as keyof typeof codes], 'no')
        },
      ],
    })

    const answer = await handle([ends(0), ends(1), ends(2)])

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 's-2' }] })
    expect(deadLetters.sent.map(({ code }) => code)).toEqual(['payload_too_large'])
  })

  it('lets our own mistakes hold up a shard for minutes, not for hours', async () => {
    const { handle, bus, deadLetters } = changes({
      clock: LATE,
      onEnded: [
        async ({ executionId }) => {
          if (executionId === 'e-0') throw new TypeError('a bug')
        },
      ],
    })

    expect(await handle([ends(0), ends(1)])).toEqual({ batchItemFailures: [] })

    expect(bus.published).toHaveLength(2)
    expect(deadLetters.sent.map(({ code }) => code)).toEqual(['internal'])
  })

  it('fails when what must be put aside cannot be', async () => {
    const deadLetters = { send: () => Promise.reject(new SluiceError('unavailable', 'the queue is not available now')) }
    const { handle } = changes({ deadLetters, clock: LATE })

    await expect(handle([ends(0), unreadable(1)])).rejects.toMatchObject({ code: 'unavailable' })
  })
})
