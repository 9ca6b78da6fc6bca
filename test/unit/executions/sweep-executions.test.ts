import { describe, expect, it } from 'vitest'
import { QUEUE_PATIENCE_MS } from '#shared/executions/admission.ts'
import { admitExecution } from '#shared/executions/admit-execution.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { sweepExecutions } from '#shared/executions/sweep-executions.ts'
import { admissionWorld, idsOf, NOW } from '../../helpers/admission.ts'
import { anExecution } from '../../helpers/executions.ts'

const MINUTE = 60_000

async function setUp() {
  const world = admissionWorld()
  await world.register({ maxConcurrency: 300 })
  const sweep = (signal = new AbortController().signal) => sweepExecutions(world.dependencies, signal)
  /** Stored executions whose door stopped before it admitted them. */
  async function lost(count: number): Promise<ExecutionRecord[]> {
    const records: ExecutionRecord[] = []
    for (let index = 0; index < count; index++) records.push(await world.aNew())
    world.later(2)
    return records
  }
  return { world, sweep, lost }
}

describe('sweepExecutions', () => {
  it('admits what its door did not, and leaves alone what is not due', async () => {
    const { world, sweep, lost } = await setUp()
    const records = await lost(2)
    const fresh = await world.aNew()

    expect(await sweep()).toBe(2)

    expect(world.sent().toSorted()).toEqual(idsOf(records).toSorted())
    expect((await world.gate()).active).not.toContain(fresh.executionId)
  })

  it('queues again what has a slot and does not start', async () => {
    const { world, sweep } = await setUp()
    const record = await world.admitted()
    world.later(QUEUE_PATIENCE_MS + 1)

    await sweep()

    expect(world.sent()).toEqual([record.executionId, record.executionId])
  })

  it('gives what it queued time to start before it queues it once more', async () => {
    const { world, sweep, lost } = await setUp()
    await lost(1)
    await sweep()

    world.later(QUEUE_PATIENCE_MS)
    expect(await sweep()).toBe(0)
    world.later(1)
    expect(await sweep()).toBe(1)
    expect(world.sent()).toHaveLength(2)
  })

  it('puts what finds no room into the mailbox, and does not look at it again', async () => {
    const { world, sweep, lost } = await setUp()
    await world.setOpen(false)
    const [record] = await lost(1)

    await sweep()
    world.later(365 * 24 * 60 * MINUTE)

    expect(await sweep()).toBe(0)
    expect(await world.admission.listWaiting({ tenant: 'acme', agentId: 'assistant' }, 9)).toMatchObject([
      { executionId: record?.executionId },
    ])
  })

  it('has another worker take over what one let go of, and leaves alone what one works on', async () => {
    const { world, sweep } = await setUp()
    const orphan = await world.begin(await world.admitted({ worker: 'assistant' }))
    world.later(30_001)
    const held = await world.begin(await world.admitted())

    expect(await sweep()).toBe(1)

    expect(world.workQueue.sent.at(-1)).toMatchObject({ executionId: orphan.executionId, worker: 'assistant' })
    expect(await world.begin(orphan)).toMatchObject({ attempt: 2, fence: 2 })
    expect(await world.get(held)).toMatchObject({ fence: 1 })
  })

  it('does not disturb a worker whose lease the index shows too late', async () => {
    const { world, sweep } = await setUp()
    const running = await world.begin(await world.admitted())
    world.executions.listDue = async () => [{ tenant: running.tenant, executionId: running.executionId }]

    await sweep()

    expect(world.sent()).toEqual([running.executionId])
  })

  it('leaves alone what has ended', async () => {
    const { world, sweep } = await setUp()
    const record = await world.begin(await world.admitted())
    await world.finish(record)
    world.later(365 * 24 * 60 * MINUTE)

    expect(await sweep()).toBe(0)
  })

  it('admits the next attempt when its time has come, not before', async () => {
    const { world, sweep } = await setUp()
    const record = await world.begin(await world.admitted())
    const retryAt = NOW + 20 * MINUTE
    await world.executions.retryLater(record, 1, { attempt: 1, postedThrough: -1, retryAt, dueAt: retryAt })
    world.later(20 * MINUTE)
    expect(await sweep()).toBe(0)

    world.later(1)
    expect(await sweep()).toBe(1)

    expect(world.workQueue.sent.at(-1)).toMatchObject({ executionId: record.executionId, admit: true })
    expect((await world.gate()).active).toEqual([record.executionId])
  })

  it('comes back in time for a retry that the index showed too early', async () => {
    const { world, sweep } = await setUp()
    const record = await world.begin(await world.admitted())
    const retryAt = NOW + 2 * MINUTE
    await world.executions.retryLater(record, 1, { attempt: 1, postedThrough: -1, retryAt, dueAt: 0 })

    await sweep()
    expect(world.sent()).toHaveLength(1)
    world.later(2 * MINUTE + 1)
    await sweep()

    expect(world.sent()).toHaveLength(2)
  })

  it('ends what expired while its agent was paused, and nothing that had begun', async () => {
    const { world, sweep } = await setUp()
    const expiresAtMs = NOW + MINUTE
    const begun = await world.begin(await world.admitted({ expiresAtMs }))
    await world.executions.retryLater(begun, 1, { attempt: 1, postedThrough: -1, retryAt: NOW, dueAt: NOW })
    await world.setOpen(false)
    await admitExecution(world.dependencies, await world.get(begun))
    const [held, patient] = [await world.admitted({ expiresAtMs }), await world.admitted({ expiresAtMs: expiresAtMs + 1_000 })]
    world.later(MINUTE + 1)

    await sweep()

    expect(await world.get(held)).toMatchObject({ status: 'expired', error: { code: 'expired' } })
    expect(await world.eventsOf(held)).toMatchObject([{ type: 'failed', data: { code: 'expired', events: 1 } }])
    expect(world.sent().at(-1)).toBe(held.executionId)
    expect(await world.get(begun)).toMatchObject({ status: 'queued', place: expect.any(String) })
    expect(await world.get(patient)).toMatchObject({ status: 'queued', place: expect.any(String) })
    expect(await world.gate()).toMatchObject({ waiting: 2 })
  })

  it('ends what was cancelled while its worker let go of it', async () => {
    const { world, sweep } = await setUp()
    const record = await world.begin(await world.admitted())
    await world.executions.requestCancel(record, '2026-11-21T09:30:00.000Z')
    await world.executions.handOver(record, 1, { attempt: 1, postedThrough: -1, dueAt: 0 })

    await sweep()

    expect(await world.get(record)).toMatchObject({ status: 'cancelled' })
  })

  it('goes through all pages', async () => {
    const { world, sweep, lost } = await setUp()
    await lost(230)

    expect(await sweep()).toBe(230)
    expect(new Set(world.sent()).size).toBe(230)
  })

  it('ends between two pages when the signal aborts', async () => {
    const { world, sweep, lost } = await setUp()
    await lost(230)
    const time = new AbortController()
    const { send } = world.workQueue
    world.workQueue.send = async (item) => {
      time.abort()
      await send(item)
    }

    expect(await sweep(time.signal)).toBe(100)
    expect(await sweep(time.signal)).toBe(0)
  })

  it('sees to all others when one fails, tells of it, and comes back to it with the next sweep', async () => {
    const { world, sweep, lost } = await setUp()
    const [broken, ...others] = await lost(120)
    const { get } = world.executions
    world.executions.get = async (key) => {
      if (key.executionId === broken?.executionId) throw new Error('cannot be read')
      return get(key)
    }

    await expect(sweep()).rejects.toThrow('cannot be read')
    expect(world.sent().toSorted()).toEqual(idsOf(others).toSorted())

    world.executions.get = get
    world.later(MINUTE + 1)
    expect(await sweep()).toBe(1)
    expect(world.sent().at(-1)).toBe(broken?.executionId)
  })

  it('queues the work of an agent that is gone, for its worker to end it', async () => {
    const { world, sweep } = await setUp()
    const record = anExecution({ agentId: 'gone' })
    await world.executions.create(record, NOW - 1)

    expect(await sweep()).toBe(1)

    expect(world.sent()).toEqual([record.executionId])
  })
})
