import { describe, expect, it } from 'vitest'
import type { Gate } from '#shared/agents/gate.ts'
import { admitExecution } from '#shared/executions/admit-execution.ts'
import { admitNext } from '#shared/executions/admit-next.ts'
import type { EndQueuedDependencies } from '#shared/executions/end-queued.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { withdrawAdmitted } from '#shared/executions/withdraw-admitted.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { newId } from '#shared/platform/ids.ts'
import { type AdmissionWorld, admissionWorlds, expectConserved, inMemory } from '../../helpers/admission-worlds.ts'
import { aGate, aLease, anEnding, anExecution } from '../../helpers/executions.ts'
import { forEveryInterleaving, type Gate as StepGate } from '../../helpers/interleavings.ts'

const NOW = Date.parse('2026-11-21T09:30:00.000Z')
const clock = { now: () => NOW }
const IF_FULL = { onlyIfFull: true }
/** Races on each world: nobody knows in which order their steps are made. */
const ROUNDS = 10

/** An agent of a tenant of its own in a world, and what happens to its executions. `steps` are made one at a time. */
async function arena(world: AdmissionWorld, gate: Partial<Gate>, steps?: StepGate) {
  const agent = { tenant: newId(), agentId: 'assistant' }
  await world.putGate(agent, aGate(gate))
  const [workQueue, records] = [memoryWorkQueue(), [] as ExecutionRecord[]]
  const stores = {
    executions: steps?.steps(world.executions, ['acquire', 'end', 'endQueued', 'retryLater']) ?? world.executions,
    admission: steps?.steps(world.admission, ['takeSlot', 'park', 'admitWaiting']) ?? world.admission,
  }
  const dependencies: EndQueuedDependencies = { ...stores, streamLog: world.log, workQueue, clock }
  const isOpen = (open: boolean) => {
    const change = () => world.setOpen(agent, open)
    return steps ? steps.step(change) : change()
  }
  const standing = async (record: ExecutionRecord) => (await world.executions.get(record)) ?? record
  return {
    standing,
    sent: (record: ExecutionRecord) => workQueue.sent.filter(({ executionId }) => executionId === record.executionId).length,
    gate: () => world.admission.gate(agent),
    conserved: () => expectConserved(world, agent, records),
    async aNew(): Promise<ExecutionRecord> {
      const record = anExecution(agent)
      await world.executions.create(record, NOW)
      records.push(record)
      return record
    },
    async aRunning(): Promise<ExecutionRecord> {
      const record = await this.aNew()
      await world.admission.takeSlot(record, NOW)
      await world.executions.acquire(record, aLease('a', NOW))
      return record
    },
    async aWaiting(): Promise<ExecutionRecord> {
      const record = await this.aNew()
      await world.setOpen(agent, false)
      await world.admission.park(record, IF_FULL)
      await world.setOpen(agent, true)
      return record
    },
    // What the doors, workers and verbs do.
    admit: (record: ExecutionRecord) => admitExecution(dependencies, record),
    next: () => admitNext(dependencies, agent),
    acquire: (record: ExecutionRecord) => stores.executions.acquire(record, aLease('b', NOW)),
    async end(record: ExecutionRecord): Promise<void> {
      expect(await stores.executions.end(record, 1, anEnding())).toBe('ended')
      await admitNext(dependencies, agent)
    },
    async retry(record: ExecutionRecord): Promise<void> {
      const state = { attempt: 1, postedThrough: 0, retryAt: NOW + 1_000, dueAt: NOW + 1_000 }
      expect(await stores.executions.retryLater(record, 1, state)).toBe('queued')
      await admitNext(dependencies, agent)
    },
    async resume(): Promise<void> {
      await isOpen(true)
      await admitNext(dependencies, agent)
    },
    async pause(): Promise<void> {
      await isOpen(false)
      await withdrawAdmitted(dependencies, agent)
    },
    /** @returns whether it was ended before somebody ran it */
    async cancel(record: ExecutionRecord): Promise<boolean> {
      for (;;) {
        const now = await standing(record)
        if (now.status !== 'queued') return false
        if ((await stores.executions.endQueued(now, anEnding({ status: 'cancelled' }))) === 'ended') break
      }
      await admitNext(dependencies, agent)
      return true
    },
  }
}

type Arena = Awaited<ReturnType<typeof arena>>

type Race = {
  name: string
  gate: Partial<Gate>
  /** Sets the scene, and gives what happens at the same time and what must be true afterwards. */
  scene(arena: Arena): Promise<{ tasks: (() => Promise<unknown>)[]; check(): Promise<void> }>
}

const RACES: Race[] = [
  {
    name: 'one comes while the last slot is given back',
    gate: { limit: 1 },
    async scene(arena) {
      const [running, newcomer] = [await arena.aRunning(), await arena.aNew()]
      return {
        tasks: [() => arena.admit(newcomer), () => arena.end(running)],
        async check() {
          expect(await arena.gate()).toMatchObject({ waiting: 0, active: [newcomer.executionId] })
          expect(arena.sent(newcomer)).toBe(1)
        },
      }
    },
  },
  {
    name: 'one that was delivered twice comes while the last slot is given back',
    gate: { limit: 1 },
    async scene(arena) {
      const [running, newcomer] = [await arena.aRunning(), await arena.aNew()]
      return {
        tasks: [() => arena.admit(newcomer), () => arena.admit(newcomer), () => arena.end(running)],
        async check() {
          expect(await arena.gate()).toMatchObject({ waiting: 0, active: [newcomer.executionId] })
          expect(arena.sent(newcomer)).toBeGreaterThanOrEqual(1)
        },
      }
    },
  },
  {
    name: 'one comes while the gate is opened',
    gate: { limit: 1, open: false },
    async scene(arena) {
      const newcomer = await arena.aNew()
      return {
        tasks: [() => arena.admit(newcomer), () => arena.resume()],
        async check() {
          expect(await arena.gate()).toMatchObject({ waiting: 0, active: [newcomer.executionId] })
          expect(arena.sent(newcomer)).toBe(1)
        },
      }
    },
  },
  {
    name: 'one comes while the gate is closed',
    gate: { limit: 1 },
    async scene(arena) {
      const newcomer = await arena.aNew()
      return {
        tasks: [() => arena.admit(newcomer), () => arena.pause()],
        async check() {
          expect(await arena.gate()).toMatchObject({ waiting: 1, active: [] })
          expect((await arena.standing(newcomer)).place).toBeDefined()
        },
      }
    },
  },
  {
    name: 'two admit the same',
    gate: { limit: 2 },
    async scene(arena) {
      const waiting = await arena.aWaiting()
      return {
        tasks: [() => arena.next(), () => arena.next()],
        async check() {
          expect(await arena.gate()).toMatchObject({ waiting: 0, active: [waiting.executionId] })
          expect(arena.sent(waiting)).toBe(1)
        },
      }
    },
  },
  {
    name: 'two come for the last slot',
    gate: { limit: 1 },
    async scene(arena) {
      const both = [await arena.aNew(), await arena.aNew()]
      return {
        tasks: both.map((record) => () => arena.admit(record)),
        async check() {
          const gate = await arena.gate()
          expect(gate).toMatchObject({ waiting: 1, active: [expect.any(String)] })
          expect(both.map((record) => arena.sent(record)).sort()).toEqual([0, 1])
        },
      }
    },
  },
  {
    name: 'one is cancelled while it is admitted and begun',
    gate: { limit: 1 },
    async scene(arena) {
      const waiting = await arena.aWaiting()
      let cancelled = false
      let begun = false
      return {
        tasks: [
          async () => {
            cancelled = await arena.cancel(waiting)
          },
          () => arena.next(),
          async () => {
            begun = (await arena.acquire(waiting)).result === 'acquired'
          },
        ],
        async check() {
          const { status } = await arena.standing(waiting)
          expect(cancelled && begun).toBe(false)
          const expected = cancelled ? 'cancelled' : 'running'
          expect(status).toBe(expected)
          expect(await arena.gate()).toMatchObject({ waiting: 0, active: cancelled ? [] : [waiting.executionId] })
        },
      }
    },
  },
  {
    name: 'one goes to its next attempt while the agent is paused',
    gate: { limit: 2 },
    async scene(arena) {
      const [running, admitted] = [await arena.aRunning(), await arena.aNew()]
      await arena.admit(admitted)
      return {
        tasks: [() => arena.retry(running), () => arena.pause()],
        async check() {
          expect(await arena.gate()).toMatchObject({ open: false, active: [] })
          expect((await arena.standing(admitted)).place).toBeDefined()
          expect((await arena.acquire(admitted)).result).toBe('parked')
          expect((await arena.acquire(running)).result).toBe('parked')
        },
      }
    },
  },
]

async function run(world: AdmissionWorld, { gate, scene }: Race, steps?: StepGate): Promise<void> {
  const room = await arena(world, gate, steps)
  const { tasks, check } = await scene(room)
  await Promise.all(tasks.map((task) => task()))
  await check()
  await room.conserved()
}

describe('races for slots, in every order of their steps', () => {
  it.each(RACES)('$name', async (race) => {
    expect(await forEveryInterleaving((steps) => run(inMemory(), race, steps))).toBeGreaterThan(1)
  })
})

describe.each(admissionWorlds())('races for slots on %s', (_name, open) => {
  it.each(RACES)('$name', async (race) => {
    for (let round = 0; round < ROUNDS; round++) await run(open(), race)
  })

  it('twenty end at once, and twenty that wait take their slots', async () => {
    const room = await arena(open(), { limit: 20 })
    const running = await Promise.all(Array.from({ length: 20 }, () => room.aRunning()))
    const waiting = await Promise.all(Array.from({ length: 20 }, () => room.aNew()))
    await Promise.all(waiting.map((record) => room.admit(record)))

    await Promise.all(running.map((record) => room.end(record)))

    expect(await room.gate()).toMatchObject({ waiting: 0, active: waiting.map(({ executionId }) => executionId).sort() })
    expect(waiting.map((record) => room.sent(record))).toEqual(waiting.map(() => 1))
    await room.conserved()
  })
})
