import { describe, expect, it } from 'vitest'
import type { Principal } from '#shared/access/principal.ts'
import { batchExecutionId } from '#shared/executions/batch-record.ts'
import { cancelBatch } from '#shared/executions/cancel-batch.ts'
import { cancelExecution } from '#shared/executions/cancel-execution.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import { goOnInBatch } from '#shared/executions/go-on-in-batch.ts'
import { memoryBatchStore } from '#shared/executions/memory-batch-store.ts'
import { batchAccepted, readBatch } from '#shared/executions/read-batch.ts'
import { submitBatch } from '#shared/executions/submit-batch.ts'
import { sweepExecutions } from '#shared/executions/sweep-executions.ts'
import type { CreateBatch } from '#shared/protocol/batch.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { admissionWorld } from '../../helpers/admission.ts'
import { type Crasher, forEveryCrash } from '../../helpers/crashes.ts'
import { anEnding } from '../../helpers/executions.ts'
import { aCompletion } from '../../helpers/streams.ts'

const ada: Principal = { subject: 'ada', tenant: 'acme', scopes: SCOPES }
const SIX_MINUTES_MS = 6 * 60_000

const asked = (overrides: Partial<CreateBatch> = {}): CreateBatch => ({
  mode: 'sequential',
  stopOnError: false,
  executions: ['one', 'two', 'three'].map((content) => ({ agentId: 'assistant', input: { content } })),
  ...overrides,
})

/** Batches of one agent, the change stream, and a worker that the test drives. */
async function setUp(crasher?: Crasher) {
  const room = admissionWorld()
  await room.register()
  const batches = memoryBatchStore()
  const whole = { ...room.dependencies, batches }
  const fragile = crasher
    ? {
        ...whole,
        batches: crasher.steps(batches, ['create', 'settle']),
        executions: crasher.steps(room.executions, ['create', 'takeTurn', 'endQueued']),
        admission: crasher.steps(room.admission, ['takeSlot', 'park']),
        workQueue: crasher.steps(room.workQueue, ['send']),
      }
    : whole
  const order: number[] = []
  const all = () =>
    room.executions.stored
      .all()
      .map(({ record }) => record)
      .sort((one, other) => (one.batchIndex ?? 0) - (other.batchIndex ?? 0))
  /** A change stream tells of every end, twice. */
  async function tell(record: ExecutionRecord): Promise<void> {
    const standing = await room.get(record)
    for (let time = 0; time < 2; time++) await goOnInBatch(whole, standing)
  }
  async function begin(record: ExecutionRecord): Promise<void> {
    order.push(record.batchIndex ?? -1)
    await room.begin(record)
  }
  async function end(record: ExecutionRecord, status: 'completed' | 'failed' = 'completed'): Promise<void> {
    const { fence } = await room.get(record)
    await room.executions.end(record, fence, anEnding({ status, events: [aCompletion(0)] }))
  }
  const admitted = () => all().filter(({ status, executionId }) => status === 'queued' && room.sent().includes(executionId))
  const { dependencies, executions, agents, register, sent, get } = room
  return {
    ...{ dependencies, executions, agents, register, sent, get },
    whole,
    fragile,
    batches,
    order,
    all,
    tell,
    begin,
    end,
    admitted,
    statuses: () => all().map(({ status }) => status),
    submit: (batch: Partial<CreateBatch> = {}, idempotencyKey?: string, principal: Partial<Principal> = {}) =>
      submitBatch(whole, { ...ada, ...principal }, asked(batch), { idempotencyKey }),
    sweep: async () => {
      room.later(SIX_MINUTES_MS)
      await sweepExecutions(whole, new AbortController().signal)
    },
    /** Works on whatever may begin, until nothing does. */
    async work(status: (index: number) => 'completed' | 'failed' = () => 'completed'): Promise<void> {
      for (let [next] = admitted(); next; [next] = admitted()) {
        await begin(next)
        await end(next, status(next.batchIndex ?? 0))
        await tell(next)
      }
    },
  }
}

describe('a batch in parallel', () => {
  it('begins with all of them, and says of each who was refused', async () => {
    const { submit, sent, whole } = await setUp()
    const [one] = asked().executions

    const batch = await submit({
      mode: 'parallel',
      executions: [one, { agentId: 'nobody', input: null }, { agentId: 'assistant', input: {} }, one].flatMap(
        (each) => each ?? [],
      ),
    })

    const { executions } = batchAccepted(batch)
    expect(executions).toMatchObject([
      { executionId: expect.any(String) },
      { error: { code: 'not_found' } },
      { error: { code: 'validation_error', errors: [{ path: 'input.content' }] } },
      { executionId: expect.any(String) },
    ])
    expect(sent()).toHaveLength(2)
    expect(await readBatch(whole.executions, batch)).toMatchObject({
      ended: false,
      counts: { queued: 2, refused: 2 },
      executions: [{ status: 'queued' }, { status: 'refused' }, { status: 'refused' }, { status: 'queued' }],
    })
  })

  it('gives the first answer to whoever asks again, though the agent would take more by now', async () => {
    const { submit, register } = await setUp()
    const request: Partial<CreateBatch> = {
      mode: 'parallel',
      executions: [{ agentId: 'late', input: { content: 'Why?' } }],
    }
    const first = await submit(request, 'k1')
    await register({ agentId: 'late' })

    expect(batchAccepted(await submit(request, 'k1'))).toEqual(batchAccepted(first))
    expect(first.refused).toMatchObject({ 0: { code: 'not_found' } })
  })

  it('is another one for another caller, tenant or key, and a conflict for another body', async () => {
    const { submit, agents } = await setUp()
    await agents.create('umbrella', { ...(await agents.get('acme', 'assistant')) } as Parameters<typeof agents.create>[1])

    const batches = [
      await submit({}, 'k1'),
      await submit({}, 'k2'),
      await submit({}, 'k1', { subject: 'bob' }),
      await submit({}, 'k1', { tenant: 'umbrella' }),
      await submit(),
    ]

    expect(new Set(batches.map(({ batchId }) => batchId)).size).toBe(5)
    await expect(submit({ stopOnError: true }, 'k1')).rejects.toMatchObject({ code: 'conflict' })
  })

  it.each(['repeated', 'left alone'])('loses and doubles nothing when it stops anywhere and is %s', async (then) => {
    const crashes = await forEveryCrash(async (crasher) => {
      const world = await setUp(crasher)
      const request = asked({ mode: 'parallel' })
      await crasher.run(() => submitBatch(world.fragile, ada, request, { idempotencyKey: 'k1' }))
      const stored = world.all().length

      if (then === 'repeated') await world.submit(request, 'k1')
      else await world.sweep()
      await world.work()

      expect(world.statuses()).toEqual(Array(then === 'repeated' ? 3 : stored).fill('completed'))
      expect(world.order).toHaveLength(new Set(world.order).size)
    })

    expect(crashes).toBeGreaterThan(5)
  })
})

describe('a batch in order', () => {
  it('begins with each when the one before has ended, and never before', async () => {
    const world = await setUp()
    await world.submit()
    const [one, two, three] = world.all()

    expect(world.sent()).toEqual([one?.executionId])
    expect([two, three]).toMatchObject([{ awaitsTurn: true }, { awaitsTurn: true }])
    if (one) await world.begin(one)
    await world.sweep()
    expect(world.sent().filter((id) => id !== one?.executionId)).toEqual([])
    if (one) await world.end(one, 'failed')
    if (one) await world.tell(one)
    await world.work()

    expect(world.order).toEqual([0, 1, 2])
    expect(world.statuses()).toEqual(['failed', 'completed', 'completed'])
  })

  it('gives up those behind one that failed, where that was asked for', async () => {
    const world = await setUp()
    const batch = await world.submit({ stopOnError: true })

    await world.work((index) => (index === 1 ? 'failed' : 'completed'))

    expect(world.statuses()).toEqual(['completed', 'failed', 'cancelled'])
    expect(world.all()[2]).toMatchObject({ attempt: 0, error: { detail: 'never begun: execution 1 of its batch is failed' } })
    expect(await readBatch(world.executions, batch)).toMatchObject({
      ended: true,
      counts: { completed: 1, failed: 1, cancelled: 1 },
    })
  })

  it('has ended with all of it, also where whoever took it on stopped before the last step', async () => {
    const world = await setUp()
    world.batches.settle = () => Promise.reject(new Error('killed'))
    await expect(world.submit()).rejects.toThrow('killed')
    const { tenant = '', batchId = '' } = world.all()[0] ?? {}
    const batch = await world.batches.get({ tenant, batchId })
    if (!batch) throw new Error('it was created')

    const before = await readBatch(world.executions, batch)
    await world.work()

    expect(before).toMatchObject({ ended: false, counts: { queued: 3 } })
    expect(await readBatch(world.executions, batch)).toMatchObject({ ended: true, counts: { completed: 3 } })
  })

  it('takes all or none, and names who was refused', async () => {
    const world = await setUp()
    const executions = [...asked().executions, { agentId: 'assistant', input: {} }]

    await expect(world.submit({ executions })).rejects.toMatchObject({
      code: 'validation_error',
      fields: [{ path: 'executions.3.input.content' }],
    })
    expect(world.all()).toEqual([])
  })

  it('skips one that was cancelled before its turn, and waits for the one before it', async () => {
    const world = await setUp()
    await world.submit()
    const [one, two, three] = world.all()
    if (!one || !two || !three) throw new Error('three were asked for')
    await world.begin(one)

    await cancelExecution(world.dependencies, two)
    await world.tell(two)
    expect(await world.get(three)).toMatchObject({ awaitsTurn: true, status: 'queued' })
    await world.end(one)
    await world.tell(one)
    await world.work()

    expect(world.order).toEqual([0, 2])
    expect(world.statuses()).toEqual(['completed', 'cancelled', 'completed'])
  })

  it('is cancelled from its end, so that none begins meanwhile', async () => {
    const world = await setUp()
    const batch = await world.submit()
    const [one] = world.all()
    if (one) await world.begin(one)

    await cancelBatch(world.dependencies, batch)
    await cancelBatch(world.dependencies, batch)

    expect(world.all()).toMatchObject([{ status: 'running' }, { status: 'cancelled' }, { status: 'cancelled' }])
    expect(world.all()[0]?.cancelRequestedAt).toBeDefined()
  })

  it('hands nothing that awaits its turn to a worker, whatever message comes', async () => {
    const world = await setUp()
    await world.submit()
    const [, two] = world.all()

    await expect(world.begin(two as ExecutionRecord)).rejects.toThrow('it is parked')
  })

  it.each(['repeated', 'left alone'])('is taken on as a whole or not at all when it stops anywhere and is %s', async (then) => {
    const crashes = await forEveryCrash(async (crasher) => {
      const world = await setUp(crasher)
      await crasher.run(() => submitBatch(world.fragile, ada, asked(), { idempotencyKey: 'k1' }))

      if (then === 'repeated') await world.submit({}, 'k1')
      // The first look finds the one that has none before it, the second those behind it.
      else for (let look = 0; look < 2; look++) await world.sweep()
      await world.work()

      expect(world.statuses().every(hasEnded)).toBe(true)
      expect([[], [0, 1, 2]]).toContainEqual(world.order)
      if (then === 'repeated') expect(world.order).toEqual([0, 1, 2])
    })

    expect(crashes).toBeGreaterThan(5)
  })

  it.each(
    (['completed', 'failed'] as const).flatMap((status) =>
      ['the change comes again', 'the sweeper comes'].map((then) => ({ status, then })),
    ),
  )('goes on when it stops anywhere after one is $status, and $then', async ({ status, then }) => {
    const crashes = await forEveryCrash(async (crasher) => {
      const world = await setUp(crasher)
      await world.submit({ stopOnError: true })
      const [one] = world.all()
      if (!one) throw new Error('three were asked for')
      await world.begin(one)
      await world.end(one, status)

      const outcome = await crasher.run(async () => goOnInBatch(world.fragile, await world.get(one)))
      if (outcome === 'crashed' && then === 'the change comes again') await world.tell(one)
      if (outcome === 'crashed' && then === 'the sweeper comes') await world.sweep()
      await world.work()

      expect(world.statuses()).toEqual(status === 'completed' ? Array(3).fill('completed') : ['failed', 'cancelled', 'cancelled'])
      expect(world.order).toEqual(status === 'completed' ? [0, 1, 2] : [0])
    })

    expect(crashes).toBeGreaterThan(1)
  })

  it('knows its executions by their places', () => {
    const batch = { tenant: 'acme', batchId: '0198b6a4-0000-7000-8000-000000000001' }

    expect(batchExecutionId(batch, 1)).not.toBe(batchExecutionId(batch, 11))
    expect(batchExecutionId({ ...batch, tenant: 'globex' }, 1)).not.toBe(batchExecutionId(batch, 1))
  })
})
