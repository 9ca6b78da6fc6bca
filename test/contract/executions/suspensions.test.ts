import { describe, expect, it } from 'vitest'
import type { Suspension } from '#shared/executions/execution-record.ts'
import { newId } from '#shared/platform/ids.ts'
import type { Approval } from '#shared/protocol/approval.ts'
import { type AdmissionWorld, admissionWorlds } from '../../helpers/admission-worlds.ts'
import { aGate, aLease, anApproval, anEnding, anExecution } from '../../helpers/executions.ts'
import { aCompletion } from '../../helpers/streams.ts'

const NOW = Date.parse('2026-11-21T09:30:00.000Z')
const UNTIL = NOW + 60_000
const clock = { now: () => NOW }
const STATE = { attempt: 1, postedThrough: 3, usage: undefined }
const TURN: Suspension = { for: 'turn', since: NOW, until: UNTIL }
const AGENTS: Suspension = { for: 'agents', since: NOW, until: UNTIL }
const INPUT: Suspension = { for: 'input', since: NOW, until: UNTIL }
const CANCELLED = anEnding({ status: 'cancelled', events: [aCompletion(0)] })

async function running(world: AdmissionWorld) {
  const agent = { tenant: newId(), agentId: 'assistant' }
  await world.putGate(agent, aGate())
  const record = anExecution({ tenant: agent.tenant })
  await world.executions.create(record, NOW)
  await world.admission.takeSlot(record, NOW)
  const taken = await world.executions.acquire(record, aLease('a', NOW))
  if (taken.result !== 'acquired') throw new Error(`it is ${taken.result}`)
  return { agent, record: taken.record, approval: anApproval({ executionId: record.executionId }) }
}

async function suspended(world: AdmissionWorld, wait: Suspension) {
  const scene = await running(world)
  if (wait.for === 'input') await world.approvals.ask(scene.record, 1, [scene.approval])
  expect(await world.executions.suspend(scene.record, 1, { ...STATE, suspended: wait })).toBe('suspended')
  return { ...scene, record: await standing(world, scene.record) }
}

async function standing({ executions }: AdmissionWorld, key: { tenant: string; executionId: string }) {
  const record = await executions.get(key)
  if (!record) throw new Error('it is gone')
  return record
}

const settling = ({ tenant }: { tenant: string }, { approvalId, executionId }: Approval) => ({ tenant, approvalId, executionId })
const approved = { status: 'approved', decidedAt: '2026-11-21T09:30:01.000Z', decidedBy: 'ada', now: NOW + 1 } as const

describe.each(admissionWorlds())('suspended executions on %s', (_name, open) => {
  it.each([
    [INPUT, 'waiting_input'],
    [TURN, 'queued'],
    [AGENTS, 'queued'],
  ] as const)('wait without a slot, in the same attempt: %o', async (wait, status) => {
    const world = open(clock)
    const { agent, record } = await suspended(world, wait)

    expect(record).toMatchObject({ status, suspended: wait, attempt: 1, nextAttempt: 1, postedThrough: 3 })
    expect(record.leaseOwner).toBeUndefined()
    expect((await world.admission.gate(agent))?.active).toEqual([])
    expect(await world.executions.listSuspended(agent, 10)).toEqual([{ tenant: agent.tenant, executionId: record.executionId }])
    // Told again, since the answer was lost.
    expect(await world.executions.suspend(record, 1, { ...STATE, suspended: wait })).toBe('suspended')
  })

  it.each([INPUT, TURN, AGENTS])('are run by nobody, parked by nobody, and keep no slot: %o', async (wait) => {
    const world = open(clock)
    const { agent, record } = await suspended(world, wait)

    for (const tookSlot of [true, false])
      expect(await world.executions.acquire(record, aLease('b', UNTIL, { tookSlot }))).toMatchObject({ result: 'parked' })
    expect(await world.admission.park(record, { onlyIfFull: false })).toBe('changed')
    await world.admission.takeSlot(record, NOW)
    expect(await world.executions.returnSlot(record)).toBe('returned')
    expect((await world.admission.gate(agent))?.active).toEqual([])
  })

  it.each([INPUT, TURN, AGENTS])('are woken once, with the time that they waited: %o', async (wait) => {
    const world = open(clock)
    const { agent, record } = await suspended(world, wait)
    const time = { now: NOW + 5_000, dueAt: NOW + 9_000 }

    const woken = await Promise.all([1, 2, 3].map(() => world.executions.wake(record, time)))

    expect(woken.sort()).toEqual(['changed', 'changed', 'woken'])
    const queued = await standing(world, record)
    expect(queued).toMatchObject({ status: 'queued', waitedMs: 5_000, retryAt: NOW + 5_000, nextAttempt: 1 })
    expect(queued.suspended).toBeUndefined()
    expect(await world.executions.listSuspended(agent, 10)).toEqual([])
    expect(await world.executions.returnSlot(record)).toBe('changed')
    expect(await world.executions.acquire(record, aLease('b', NOW))).toMatchObject({ result: 'parked' })
    const taken = await world.executions.acquire(record, aLease('b', NOW, { tookSlot: true }))
    expect(taken).toMatchObject({ result: 'acquired', record: { attempt: 1, nextAttempt: 2, fence: 2, waitedMs: 5_000 } })
  })

  it('are not woken as they were before', async () => {
    const world = open(clock)
    const { record } = await suspended(world, TURN)
    await world.executions.wake(record, { now: NOW, dueAt: NOW })
    await world.executions.acquire(record, aLease('b', NOW, { tookSlot: true }))
    await world.executions.suspend(record, 2, { ...STATE, suspended: TURN })

    expect(await world.executions.wake(record, { now: NOW, dueAt: NOW })).toBe('changed')
    expect(await standing(world, record)).toMatchObject({ fence: 2, suspended: TURN })
  })

  it('are due when their time has come, and not before', async () => {
    const world = open(clock)
    const { record } = await suspended(world, TURN)
    const isDue = async (now: number) =>
      (await world.executions.listDue(now, 1_000)).some(({ executionId }) => executionId === record.executionId)

    expect(await isDue(UNTIL - 1)).toBe(false)
    expect(await isDue(UNTIL + 1)).toBe(true)
  })

  it('are looked at before their time has come where that is asked for', async () => {
    const world = open(clock)
    const { record } = await running(world)
    await world.executions.suspend(record, 1, { ...STATE, suspended: AGENTS, dueAt: NOW + 5_000 })

    const due = await world.executions.listDue(NOW + 5_001, 1_000)

    expect(due.map(({ executionId }) => executionId)).toContain(record.executionId)
    expect((await standing(world, record)).suspended).toEqual(AGENTS)
  })

  it.each([INPUT, TURN, AGENTS])('end wherever they wait, and only as they stand: %o', async (wait) => {
    const world = open(clock)
    const { agent, record } = await suspended(world, wait)

    expect(await world.executions.endQueued({ ...record, suspended: undefined }, CANCELLED)).toBe('changed')
    expect(await world.executions.endQueued(record, CANCELLED)).toBe('ended')

    const ended = await standing(world, record)
    expect(ended.status).toBe('cancelled')
    expect(ended.suspended).toBeUndefined()
    expect(await world.executions.listSuspended(agent, 10)).toEqual([])
    expect(await world.executions.wake(record, { now: NOW, dueAt: NOW })).toBe('changed')
  })

  it('do not wait when there is nothing to wait for', async () => {
    const world = open(clock)
    const [woken, cancelled, decided, replaced] = await Promise.all([1, 2, 3, 4].map(() => running(world)))
    if (!woken || !cancelled || !decided || !replaced) throw new Error('there are four')
    expect(await world.executions.noteWake(woken.record)).toBe('noted')
    await world.executions.requestCancel(cancelled.record, '2026-11-21T09:30:00.000Z')
    await world.approvals.ask(decided.record, 1, [decided.approval])
    await world.approvals.settle(settling(decided.record, decided.approval), approved)

    const suspend = ({ record }: typeof woken, suspended: Suspension, fence = 1) =>
      world.executions.suspend(record, fence, { ...STATE, suspended })

    for (const wait of [TURN, AGENTS]) {
      expect(await suspend(woken, wait)).toBe('due')
      expect(await suspend(cancelled, wait)).toBe('due')
    }
    expect(await suspend(decided, INPUT)).toBe('due')
    expect(await suspend(replaced, TURN, 2)).toBe('lost')
    expect(await standing(world, decided.record)).toMatchObject({ status: 'running', leaseOwner: 'a' })
  })

  it('are woken while they run only until they run again', async () => {
    const world = open(clock)
    const { record } = await running(world)
    await world.executions.noteWake(record)
    await world.executions.acquire(record, { ...aLease('b', NOW + 60_000), tookSlot: false })

    expect(await world.executions.suspend(record, 2, { ...STATE, suspended: TURN })).toBe('suspended')
    expect(await world.executions.noteWake(record)).toBe('changed')
  })

  it('give their slot back where the gate is gone, too', async () => {
    const world = open(clock)
    const { agent, record } = await running(world)
    await world.removeGate(agent)

    expect(await world.executions.suspend(record, 1, { ...STATE, suspended: TURN })).toBe('suspended')
  })
})
