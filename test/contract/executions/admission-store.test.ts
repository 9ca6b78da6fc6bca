import { describe, expect, it } from 'vitest'
import { type AgentKey, GATE_LOOK_MS, type Gate } from '#shared/agents/gate.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { newId } from '#shared/platform/ids.ts'
import { type AdmissionWorld, admissionWorlds, expectConserved } from '../../helpers/admission-worlds.ts'
import { aGate, aLease, anEnding, anExecution, memoryWorld } from '../../helpers/executions.ts'

const NOW = Date.parse('2026-11-21T09:30:00.000Z')
const TIME = { now: NOW, dueAt: NOW + 1_000 }
const ALWAYS = { onlyIfFull: false }
const IF_FULL = { onlyIfFull: true }

/** An agent of a tenant of its own, with a gate, and a way to make its executions. */
async function withAgent(world: AdmissionWorld, gate: Partial<Gate> = {}) {
  const agent = { tenant: newId(), agentId: 'assistant' }
  await world.putGate(agent, aGate(gate))
  const made: ExecutionRecord[] = []
  async function queued(overrides: Partial<ExecutionRecord> = {}): Promise<ExecutionRecord> {
    const record = anExecution({ ...agent, ...overrides })
    await world.executions.create(record, NOW)
    made.push(record)
    return record
  }
  const waitingIds = async () => (await world.admission.listWaiting(agent, 100)).map(({ executionId }) => executionId)
  return { ...world, agent, queued, waitingIds, conserved: () => expectConserved(world, agent, made) }
}

/** One that wants to begin, whether it is stored or not. */
const named = (agent: AgentKey, executionId: string): ExecutionRecord => anExecution({ ...agent, executionId })

async function firstWaiting({ admission, agent }: Awaited<ReturnType<typeof withAgent>>) {
  const [first] = await admission.listWaiting(agent, 1)
  if (!first) throw new Error('nobody waits')
  return first
}

describe.each(admissionWorlds())('AdmissionStore on %s', (_name, open) => {
  describe('slots', () => {
    it('shows a gate as it stands, and none where there is none', async () => {
      const { admission, agent } = await withAgent(open(), { limit: 3, queueLimit: 7 })

      expect(await admission.gate(agent)).toEqual({ open: true, limit: 3, queueLimit: 7, waiting: 0, active: [] })
      expect(await admission.gate({ ...agent, tenant: newId() })).toBeUndefined()
    })

    it('gives as many as the limit says, and to the same execution once', async () => {
      const { admission, agent } = await withAgent(open(), { limit: 2 })

      for (const id of ['a', 'b', 'a', 'b']) expect(await admission.takeSlot(named(agent, id), NOW)).toEqual({ result: 'taken' })

      const full = aGate({ limit: 2, active: ['a', 'b'] })
      expect(await admission.takeSlot(named(agent, 'c'), NOW)).toEqual({ result: 'refused', gate: full })
      expect(await admission.gate(agent)).toEqual(full)
    })

    it('gives the last one to one of many', async () => {
      const { admission, agent } = await withAgent(open(), { limit: 1 })

      const results = await Promise.all(['a', 'b', 'c', 'd'].map((id) => admission.takeSlot(named(agent, id), NOW)))

      expect(results.map(({ result }) => result).sort()).toEqual(['refused', 'refused', 'refused', 'taken'])
      expect((await admission.gate(agent))?.active).toHaveLength(1)
    })

    it('gives none while the gate is closed, but tells who has one', async () => {
      const world = await withAgent(open(), { active: ['a'] })
      await world.setOpen(world.agent, false)

      expect(await world.admission.takeSlot(named(world.agent, 'a'), NOW)).toEqual({ result: 'taken' })
      expect(await world.admission.takeSlot(named(world.agent, 'b'), NOW)).toMatchObject({
        result: 'refused',
        gate: { open: false },
      })
    })

    it('lets nobody overtake those who wait', async () => {
      const world = await withAgent(open(), { limit: 2 })
      await world.admission.park(await world.queued(), ALWAYS)

      expect(await world.admission.takeSlot(named(world.agent, 'newcomer'), NOW)).toMatchObject({
        result: 'refused',
        gate: { waiting: 1, active: [] },
      })
    })

    it('gives none where there is no agent, and makes no gate', async () => {
      const { admission } = open()
      const agent = { tenant: newId(), agentId: 'nobody' }

      expect(await admission.takeSlot(named(agent, 'a'), NOW)).toEqual({ result: 'missing' })
      await admission.releaseSlot(agent, 'a')

      expect(await admission.gate(agent)).toBeUndefined()
    })

    it('gives none to those who were cancelled with their agent, whatever they have', async () => {
      const { admission, agent } = await withAgent(open(), { limit: 2, active: ['a'], cancelledThrough: NOW })
      const made = (executionId: string, at: number) => ({ ...agent, executionId, createdAt: new Date(at).toISOString() })

      for (const late of [made('a', NOW - 1), made('b', NOW)])
        expect(await admission.takeSlot(late, NOW)).toMatchObject({ result: 'refused', gate: { cancelledThrough: NOW } })

      expect(await admission.takeSlot(made('c', NOW + 1), NOW)).toEqual({ result: 'taken' })
    })

    it('takes a slot back once', async () => {
      const { admission, agent } = await withAgent(open(), { limit: 2, active: ['a', 'b'] })

      for (let tries = 0; tries < 2; tries++) await admission.releaseSlot(agent, 'a')

      expect((await admission.gate(agent))?.active).toEqual(['b'])
      await admission.releaseSlot(agent, 'b')
      expect((await admission.gate(agent))?.active).toEqual([])
      expect(await admission.takeSlot(named(agent, 'c'), NOW)).toEqual({ result: 'taken' })
    })

    it('keeps tenants apart', async () => {
      const world = open()
      const [one, other] = [await withAgent(world, { limit: 1 }), await withAgent(world, { limit: 1 })]
      await one.admission.park(await one.queued(), ALWAYS)

      expect(await other.admission.takeSlot(named(other.agent, 'a'), NOW)).toEqual({ result: 'taken' })
      expect(await other.waitingIds()).toEqual([])
    })
  })

  describe('mailbox', () => {
    it('takes who finds the gate full, in the order of priority, age and id', async () => {
      const world = await withAgent(open(), { limit: 1, active: ['running'] })
      const [late, early] = ['2026-11-21T09:30:01.000Z', '2026-11-21T09:30:00.000Z']
      const later = await world.queued({ createdAt: late })
      const second = await world.queued({ createdAt: early, executionId: `b-${newId()}` })
      const first = await world.queued({ createdAt: early, executionId: `a-${newId()}` })
      const low = await world.queued({ priority: 1, createdAt: early })
      const high = await world.queued({ priority: 10, createdAt: late, worker: 'triage' })

      for (const record of [later, second, first, low, high]) expect(await world.admission.park(record, IF_FULL)).toBe('parked')

      expect(await world.waitingIds()).toEqual([high, first, second, later, low].map(({ executionId }) => executionId))
      expect(await world.admission.listWaiting(world.agent, 1)).toMatchObject([{ worker: 'triage' }])
      await world.conserved()
    })

    it('takes nobody while there is a free slot, unless it is told to', async () => {
      const world = await withAgent(open(), { limit: 1 })
      const record = await world.queued()

      expect(await world.admission.park(record, IF_FULL)).toBe('free')
      expect(await world.admission.park(record, ALWAYS)).toBe('parked')
      await world.conserved()
    })

    it('takes nobody who was cancelled with the agent, unless it is told to', async () => {
      const world = await withAgent(open(), { open: false, cancelledThrough: NOW })
      const [early, late] = await Promise.all([NOW, NOW + 1].map((at) => world.queued({ createdAt: new Date(at).toISOString() })))
      if (!early || !late) return expect.unreachable()

      expect(await world.admission.park(early, IF_FULL)).toBe('free')
      expect(await world.admission.park(late, IF_FULL)).toBe('parked')
      expect(await world.admission.park(early, ALWAYS)).toBe('parked')
      await world.conserved()
    })

    it('leaves the slot to who has it, while the gate is open', async () => {
      const world = await withAgent(open(), { limit: 1 })
      const record = await world.queued()
      await world.admission.takeSlot(record, NOW)

      expect(await world.admission.park(record, IF_FULL)).toBe('free')
      expect((await world.admission.gate(world.agent))?.active).toEqual([record.executionId])
    })

    it('takes who has a slot when the gate was closed, and the slot back', async () => {
      const world = await withAgent(open(), { limit: 1 })
      const record = await world.queued()
      await world.admission.takeSlot(record, NOW)
      await world.setOpen(world.agent, false)

      expect(await world.admission.park(record, IF_FULL)).toBe('parked')

      expect(await world.admission.gate(world.agent)).toMatchObject({ waiting: 1, active: [] })
      await world.conserved()
    })

    it('takes each once, and only what is queued', async () => {
      const world = await withAgent(open(), { open: false })
      const [waiting, running, ended, unknown] = [
        await world.queued(),
        await world.queued(),
        await world.queued(),
        anExecution(world.agent),
      ]
      await world.executions.acquire(running, aLease('a', NOW))
      await world.executions.endQueued(ended, anEnding({ status: 'cancelled' }))
      expect(await world.admission.park(waiting, IF_FULL)).toBe('parked')

      for (const record of [waiting, running, ended, unknown]) {
        expect(await world.admission.park(record, IF_FULL)).toBe('changed')
        expect(await world.admission.park(record, ALWAYS)).toBe('changed')
      }
      expect(await world.waitingIds()).toEqual([waiting.executionId])
      expect((await world.admission.gate(world.agent))?.waiting).toBe(1)
    })

    it('is not there without an agent', async () => {
      const world = await withAgent(open())
      const record = await world.queued()
      await world.removeGate(world.agent)

      expect(await world.admission.park(record, IF_FULL)).toBe('missing')
      expect(await world.admission.park(record, ALWAYS)).toBe('missing')
      expect(await world.waitingIds()).toEqual([])
    })

    it('keeps what is in it out of the sweep, until it expires or is admitted', async () => {
      const world = await withAgent(open(), { open: false })
      const [patient, hasty] = [await world.queued(), await world.queued({ expiresAtMs: NOW + 5_000 })]
      const due = async (now: number) => (await world.executions.listDue(now, 10_000)).map(({ executionId }) => executionId)
      for (const record of [patient, hasty]) await world.admission.park(record, IF_FULL)

      expect(await due(NOW + 5_000)).not.toContain(hasty.executionId)
      expect(await due(NOW + 5_001)).toContain(hasty.executionId)
      await world.executions.postpone(patient, NOW)
      expect(await due(NOW + 100_000)).not.toContain(patient.executionId)
      await world.setOpen(world.agent, true)
      await world.admission.admitWaiting(world.agent, await firstWaiting(world), { now: NOW, dueAt: NOW + 200_000 })
      await world.admission.admitWaiting(world.agent, await firstWaiting(world), { now: NOW, dueAt: NOW + 200_000 })
      expect(await due(NOW + 200_000)).not.toContain(hasty.executionId)
      expect(await due(NOW + 200_001)).toEqual(expect.arrayContaining([patient.executionId, hasty.executionId]))
    })

    it('lets one go into a free slot, once', async () => {
      const world = await withAgent(open(), { open: false, limit: 2 })
      const record = await world.queued()
      await world.admission.park(record, IF_FULL)
      await world.setOpen(world.agent, true)
      const waiting = await firstWaiting(world)

      expect(await world.admission.admitWaiting(world.agent, waiting, TIME)).toBe('admitted')
      expect(await world.admission.admitWaiting(world.agent, waiting, TIME)).toBe('gone')

      expect(await world.admission.gate(world.agent)).toMatchObject({ waiting: 0, active: [record.executionId] })
      expect((await world.executions.get(record))?.place).toBeUndefined()
      expect(await world.admission.takeSlot(record, NOW)).toEqual({ result: 'taken' })
      await world.conserved()
    })

    it('lets nobody out while the gate is closed, full or gone', async () => {
      const world = await withAgent(open(), { open: false, limit: 1 })
      await world.admission.park(await world.queued(), IF_FULL)
      const waiting = await firstWaiting(world)

      expect(await world.admission.admitWaiting(world.agent, waiting, TIME)).toBe('refused')
      await world.putGate(world.agent, aGate({ limit: 1, waiting: 1, active: ['other'] }))
      expect(await world.admission.admitWaiting(world.agent, waiting, TIME)).toBe('refused')
      await world.removeGate(world.agent)
      expect(await world.admission.admitWaiting(world.agent, waiting, TIME)).toBe('refused')
      expect(await world.waitingIds()).toEqual([waiting.executionId])
    })

    it('lets one of two go into the last slot', async () => {
      const world = await withAgent(open(), { open: false, limit: 1 })
      for (let count = 0; count < 2; count++) await world.admission.park(await world.queued(), IF_FULL)
      await world.setOpen(world.agent, true)
      const [one, other] = await world.admission.listWaiting(world.agent, 2)
      if (!one || !other) throw new Error('two should wait')

      const results = await Promise.all([one, other].map((waiting) => world.admission.admitWaiting(world.agent, waiting, TIME)))

      expect(results.sort()).toEqual(['admitted', 'refused'])
      await world.conserved()
    })

    it('holds what a worker asks for', async () => {
      const world = await withAgent(open(), { open: false })
      const record = await world.queued()
      await world.admission.park(record, IF_FULL)

      const answer = await world.executions.acquire(record, aLease('a', NOW))

      expect(answer).toMatchObject({ result: 'parked', record: { status: 'queued', fence: 0, place: expect.any(String) } })
      await world.conserved()
    })

    it('says how many stand before, and moves one to another priority', async () => {
      const world = await withAgent(open(), { open: false })
      const records = [
        await world.queued({ priority: 9 }),
        await world.queued({ priority: 8 }),
        await world.queued({ priority: 3 }),
      ]
      for (const record of records) await world.admission.park(record, IF_FULL)
      const last = await world.executions.get(records[2] ?? anExecution())
      if (!last) throw new Error('it should be there')
      expect(await world.admission.countBefore(last)).toBe(2)
      expect(await world.admission.countBefore(records[0] ?? last)).toBe(0)

      expect(await world.admission.changePriority(last, 10)).toBe('changed')
      expect(await world.admission.changePriority(last, 10)).toBe('changed')

      const moved = await world.executions.get(last)
      expect(moved).toMatchObject({ priority: 10 })
      expect(await world.admission.countBefore(moved ?? last)).toBe(0)
      expect((await world.waitingIds())[0]).toBe(last.executionId)
      await world.conserved()
    })

    it('moves nobody who is not in it, and stays with the same priority', async () => {
      const world = await withAgent(open(), { open: false })
      const record = await world.queued()
      expect(await world.admission.changePriority(record, 7)).toBe('gone')
      await world.admission.park(record, IF_FULL)
      const parked = (await world.executions.get(record)) ?? record

      expect(await world.admission.changePriority(parked, parked.priority)).toBe('changed')
      expect(await world.admission.changePriority({ ...parked, executionId: newId() }, 7)).toBe('gone')
      await world.setOpen(world.agent, true)
      await world.admission.admitWaiting(world.agent, await firstWaiting(world), TIME)
      expect(await world.admission.changePriority(parked, 7)).toBe('gone')
      expect(await world.executions.get(record)).toMatchObject({ priority: 5 })
      await world.conserved()
    })
  })
})

describe('the sweeper’s look at a gate in memory', () => {
  it('comes a while after the first slot was taken, and is not put off by others', async () => {
    const world = memoryWorld()
    const agent = { tenant: newId(), agentId: 'assistant' }
    world.gates.put(agent, aGate())

    await world.admission.takeSlot(named(agent, 'a'), NOW)
    await world.admission.takeSlot(named(agent, 'b'), NOW + 10_000)

    expect(world.gates.find(agent)?.dueAt).toBe(NOW + GATE_LOOK_MS)
  })
})
