import { describe, expect, it } from 'vitest'
import { admitExecution } from '#shared/executions/admit-execution.ts'
import { admitNext } from '#shared/executions/admit-next.ts'
import { changeAgentStatus } from '#shared/executions/change-agent-status.ts'
import type { EndQueuedDependencies } from '#shared/executions/end-queued.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { startExecution } from '#shared/executions/start-execution.ts'
import { sweepExecutions } from '#shared/executions/sweep-executions.ts'
import { ASSISTANT, admissionWorld, idsOf } from '../../helpers/admission.ts'
import { forEveryCrash } from '../../helpers/crashes.ts'
import { forEveryInterleaving } from '../../helpers/interleavings.ts'

const MOVES = ['gate', 'takeSlot', 'park', 'listWaiting', 'admitWaiting', 'releaseSlot'] as const

describe('admitExecution', () => {
  it('gives a slot and queues the work', async () => {
    const world = admissionWorld()
    await world.register()
    const record = await world.aNew({ worker: 'assistant' })

    expect(await admitExecution(world.dependencies, record)).toBe('admitted')

    expect(world.workQueue.sent).toEqual([{ ...ASSISTANT, executionId: record.executionId, worker: 'assistant' }])
    expect((await world.gate()).active).toEqual([record.executionId])
  })

  it('lets the eleventh of eleven wait, and runs it when one ends', async () => {
    const world = admissionWorld()
    await world.register({ maxConcurrency: 10 })
    const all: ExecutionRecord[] = []
    for (let count = 0; count < 11; count++) all.push(await world.admitted())
    const [first, eleventh] = [all[0], all[10]]
    if (!first || !eleventh) throw new Error('eleven were admitted')
    for (const record of all.slice(0, 10)) await world.begin(record)
    expect(world.sent()).toEqual(idsOf(all.slice(0, 10)))
    expect(eleventh.place).toBeDefined()
    await expect(world.begin(eleventh)).rejects.toThrow('it is parked')

    await world.finish(first)

    expect(world.sent().at(-1)).toBe(eleventh.executionId)
    expect(await world.begin(eleventh)).toMatchObject({ status: 'running', attempt: 1 })
    expect(await world.gate()).toMatchObject({ waiting: 0, active: expect.not.arrayContaining([first.executionId]) })
  })

  it('admits by priority and then by age under contention', async () => {
    const world = admissionWorld()
    await world.register({ maxConcurrency: 1 })
    let running = await world.begin(await world.admitted())
    const waiting = { low: [] as ExecutionRecord[], high: [] as ExecutionRecord[], middle: [] as ExecutionRecord[] }
    for (let count = 0; count < 5; count++) {
      waiting.low.push(await world.admitted({ priority: 1 }))
      waiting.high.push(await world.admitted({ priority: 10 }))
      waiting.middle.push(await world.admitted({ priority: 9 }))
    }
    const expected = [...waiting.high, ...waiting.middle, ...waiting.low]

    for (const next of expected) {
      await world.finish(running)
      running = await world.begin(next)
    }

    expect(world.sent().slice(1)).toEqual(idsOf(expected))
  })

  it('lets no newcomer overtake those who wait, however urgent', async () => {
    const world = admissionWorld()
    await world.register({ maxConcurrency: 1 })
    const running = await world.begin(await world.admitted())
    const waiting = await world.admitted({ priority: 1 })
    // The worker ends it, and stops before it gives the slot to the next.
    await world.executions.end(running, 1, { status: 'completed', endedAt: '', events: [] })

    const newcomer = await world.admitted({ priority: 10 })

    expect(world.sent()).toEqual(idsOf([running, waiting]))
    expect(newcomer.place).toBeDefined()
  })

  it('holds everything while the gate is closed', async () => {
    const world = admissionWorld()
    await world.register()
    await world.setOpen(false)

    const record = await world.admitted()

    expect(record).toMatchObject({ status: 'queued', place: expect.any(String) })
    expect(world.sent()).toEqual([])
  })

  it('queues the work of an agent that is gone, for the worker to end it', async () => {
    const world = admissionWorld()

    const record = await world.admitted()

    expect(world.sent()).toEqual([record.executionId])
  })

  it('changes nothing for what waits already, or has ended', async () => {
    const world = admissionWorld()
    await world.register({ maxConcurrency: 1 })
    const running = await world.begin(await world.admitted())
    const waiting = await world.aNew()
    await admitExecution(world.dependencies, waiting)

    expect(await admitExecution(world.dependencies, waiting)).toBe('changed')

    expect(await world.gate()).toMatchObject({ waiting: 1, active: [running.executionId] })
  })

  it('gives up on a gate where others are always faster', async () => {
    const world = admissionWorld()
    await world.register()
    const record = await world.aNew()
    const gate = { ...(await world.gate()), waiting: 1 }
    const admission = {
      ...world.admission,
      takeSlot: async () => ({ result: 'refused', gate }) as const,
      park: async () => 'free' as const,
    }

    await expect(admitExecution({ ...world.dependencies, admission }, record)).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('no wake-up is lost', () => {
  /** What must hold when everybody is done. */
  async function expectNobodyForgotten(world: ReturnType<typeof admissionWorld>, admitted: ExecutionRecord[]): Promise<void> {
    const { waiting, active, limit } = await world.gate()
    expect(waiting === 0 || active.length === limit).toBe(true)
    for (const { executionId } of admitted) {
      const { place } = await world.get({ tenant: 'acme', executionId })
      if (place !== undefined) expect(active).not.toContain(executionId)
      else expect(world.sent()).toContain(executionId)
    }
  }

  const stepsOf = (world: ReturnType<typeof admissionWorld>, gate: Parameters<Parameters<typeof forEveryInterleaving>[0]>[0]) =>
    ({
      ...world.dependencies,
      admission: gate.steps(world.admission, MOVES),
      executions: gate.steps(world.executions, ['end', 'get']),
    }) satisfies EndQueuedDependencies

  it('when a slot is given back while a newcomer looks at the gate', async () => {
    const orders = await forEveryInterleaving(async (gate) => {
      const world = admissionWorld()
      await world.register({ maxConcurrency: 1 })
      const running = await world.begin(await world.admitted())
      const newcomer = await world.aNew()
      const steps = stepsOf(world, gate)

      await Promise.all([world.finish(running, steps), admitExecution(steps, newcomer)])

      expect((await world.gate()).active).toEqual([newcomer.executionId])
      await expectNobodyForgotten(world, [newcomer])
    })
    expect(orders).toBeGreaterThan(5)
  })

  it('when one waits and another comes meanwhile', async () => {
    const orders = await forEveryInterleaving(async (gate) => {
      const world = admissionWorld()
      await world.register({ maxConcurrency: 1 })
      const running = await world.begin(await world.admitted())
      const waiting = await world.admitted()
      const newcomer = await world.aNew()
      const steps = stepsOf(world, gate)

      await Promise.all([world.finish(running, steps), admitExecution(steps, newcomer)])

      expect((await world.gate()).active).toEqual([waiting.executionId])
      await expectNobodyForgotten(world, [waiting, newcomer])
    })
    expect(orders).toBeGreaterThan(5)
  })

  it('when two end at once with two that wait', async () => {
    const orders = await forEveryInterleaving(async (gate) => {
      const world = admissionWorld()
      await world.register({ maxConcurrency: 2 })
      const running = [await world.begin(await world.admitted()), await world.begin(await world.admitted())]
      const waiting = [await world.admitted(), await world.admitted()]
      const admission = gate.steps(world.admission, ['gate', 'admitWaiting'])
      const steps = { ...world.dependencies, admission }

      await Promise.all(running.map((record) => world.finish(record, steps)))

      expect((await world.gate()).active).toEqual(idsOf(waiting).sort())
      expect(world.sent().slice(2).sort()).toEqual(idsOf(waiting).sort())
    })
    expect(orders).toBeGreaterThan(5)
  })

  it('when the gate opens while a newcomer looks at it', async () => {
    await forEveryInterleaving(async (gate) => {
      const world = admissionWorld()
      await world.register()
      await world.setOpen(false)
      const newcomer = await world.aNew()
      const steps = stepsOf(world, gate)
      const resume = async () => {
        await gate.step(() => world.setOpen(true))
        await admitNext(steps, ASSISTANT)
      }

      await Promise.all([resume(), admitExecution(steps, newcomer)])

      await expectNobodyForgotten(world, [newcomer])
    })
  })
})

describe('an execution that comes while its agent is stopped with all that it does', () => {
  it('never begins, whoever is faster', async () => {
    const orders = await forEveryInterleaving(async (gate) => {
      const world = admissionWorld()
      await world.register()
      const record = await world.aNew()
      const steps = {
        ...world.dependencies,
        agents: gate.steps(world.agents, ['changeStatus']),
        admission: gate.steps(world.admission, ['takeSlot', 'park', 'listWaiting']),
        executions: gate.steps(world.executions, ['endQueued']),
      }
      const stopAndStart = async () => {
        await changeAgentStatus(steps, ASSISTANT, 'stop', { policy: 'cancel' })
        await changeAgentStatus(steps, ASSISTANT, 'start')
      }

      await Promise.all([stopAndStart(), admitExecution(steps, record)])

      expect(await world.get(record)).toMatchObject({ status: 'cancelled', fence: 0 })
      expect(await world.gate()).toMatchObject({ open: true, active: [], waiting: 0 })
    })
    expect(orders).toBeGreaterThan(10)
  })
})

describe('a crash after any step', () => {
  const question = { ...ASSISTANT, executionId: 'e1', input: { content: 'Why?' } }

  it.each([
    ['with a free slot', 1],
    ['with a full gate', 0],
  ])('of a start %s is made up for by the next delivery', async (_what, free) => {
    const steps = await forEveryCrash(async (crasher) => {
      const world = admissionWorld()
      await world.register({ maxConcurrency: 1 + free })
      await world.admitted()
      const fragile = {
        ...world.dependencies,
        executions: crasher.steps(world.executions, ['create', 'get']),
        admission: crasher.steps(world.admission, MOVES),
        workQueue: crasher.steps(world.workQueue, ['send']),
      }
      await crasher.run(() => startExecution(fragile, question))

      await startExecution(world.dependencies, question)

      await expectWell(world, free === 1)
    })
    expect(steps).toBeGreaterThanOrEqual(3)
  })

  it.each([
    ['with a free slot', 1],
    ['with a full gate', 0],
  ])('of a start %s is made up for by the sweeper', async (_what, free) => {
    await forEveryCrash(async (crasher) => {
      const world = admissionWorld()
      await world.register({ maxConcurrency: 1 + free })
      await world.begin(await world.admitted())
      const fragile = {
        ...world.dependencies,
        executions: crasher.steps(world.executions, ['create', 'get']),
        admission: crasher.steps(world.admission, MOVES),
        workQueue: crasher.steps(world.workQueue, ['send']),
      }
      await crasher.run(() => startExecution(fragile, question))
      const before = world.sent().length
      world.later(10 * 60_000)

      await sweepExecutions(world.dependencies, new AbortController().signal)

      await expectWell(world, free === 1)
      expect(world.sent().length).toBeGreaterThanOrEqual(before)
    })
  })

  it('of a move out of the mailbox is made up for by the sweeper', async () => {
    await forEveryCrash(async (crasher) => {
      const world = admissionWorld()
      await world.register({ maxConcurrency: 1 })
      const running = await world.begin(await world.admitted())
      const waiting = await world.admitted()
      await world.executions.end(running, 1, { status: 'completed', endedAt: '', events: [] })
      const fragile = {
        ...world.dependencies,
        admission: crasher.steps(world.admission, MOVES),
        workQueue: crasher.steps(world.workQueue, ['send']),
      }
      await crasher.run(() => admitNext(fragile, ASSISTANT))
      world.later(10 * 60_000)

      await admitNext(world.dependencies, ASSISTANT)
      await sweepExecutions(world.dependencies, new AbortController().signal)

      expect(world.sent()).toContain(waiting.executionId)
      expect(await world.gate()).toMatchObject({ waiting: 0, active: [waiting.executionId] })
    })
  })

  async function expectWell(world: ReturnType<typeof admissionWorld>, hasSlot: boolean): Promise<void> {
    const { active, waiting } = await world.gate()
    const { place } = await world.get({ tenant: 'acme', executionId: 'e1' })
    expect(active.includes('e1')).toBe(hasSlot)
    expect(world.sent().includes('e1')).toBe(hasSlot)
    expect(place === undefined).toBe(hasSlot)
    expect(waiting).toBe(hasSlot ? 0 : 1)
  }
})
