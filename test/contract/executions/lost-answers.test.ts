import { describe, expect, it } from 'vitest'
import type { Gate } from '#shared/agents/gate.ts'
import type { Waiting } from '#shared/executions/admission-store.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { newId } from '#shared/platform/ids.ts'
import { expectConserved, onDynamo } from '../../helpers/admission-worlds.ts'
import { type DynamoBackend, dynamoBackends } from '../../helpers/dynamo.ts'
import { aGate, aLease, anEnding, anExecution } from '../../helpers/executions.ts'
import { loseAnswers } from '../../helpers/lost-answers.ts'

const NOW = Date.parse('2026-11-21T09:30:00.000Z')
const IF_FULL = { onlyIfFull: true }

/** An agent with one execution, and two ways to its tables: one that works, and one that loses the answers to its writes. */
async function setUp(backend: DynamoBackend, how: 'repeat' | 'break', gate: Partial<Gate> = {}) {
  const world = onDynamo(backend)
  const agent = { tenant: newId(), agentId: 'assistant' }
  const record = anExecution(agent)
  await world.putGate(agent, aGate(gate))
  await world.executions.create(record, NOW)
  const client = backend.connect()
  const { lost } = loseAnswers(client, how)
  const losing = onDynamo({ client, tables: backend.tables })
  const standing = async (): Promise<ExecutionRecord> => (await world.executions.get(record)) ?? record
  let first: Waiting | undefined
  /** Who waited when it was asked first. */
  async function waiting(): Promise<Waiting> {
    first ??= (await world.admission.listWaiting(agent, 1))[0]
    if (!first) throw new Error('nobody waits')
    return first
  }
  return { world, losing, agent, record, lost, standing, waiting, conserved: () => expectConserved(world, agent, [record]) }
}

type Scene = Awaited<ReturnType<typeof setUp>>
const running = async ({ world, record }: Scene): Promise<void> => {
  await world.admission.takeSlot(record, NOW)
  await world.executions.acquire(record, aLease('a', NOW))
}
const parked = async ({ world, record }: Scene): Promise<void> => {
  await world.setOpen(record, false)
  await world.admission.park(record, IF_FULL)
  await world.setOpen(record, true)
}
const waiting = async (scene: Scene): Promise<void> => {
  await running(scene)
  await scene.world.executions.suspend(scene.record, 1, { ...state, suspended })
}
const suspended = { for: 'turn', since: NOW, until: NOW + 60_000 } as const
const state = { attempt: 1, postedThrough: 0 }
const checkpoint = { state: '1', sequence: 0 }
const cancelled = anEnding({ status: 'cancelled' })

type Move = {
  name: string
  arrange?: (scene: Scene) => Promise<void>
  /** One call with the store that loses answers, or with the one that works. */
  call(world: Scene['world'], scene: Scene): Promise<unknown>
  /** What comes back, be it known at once or found out by another try. */
  answer: unknown
  after: Partial<ExecutionRecord>
  gate: Partial<Gate>
  /** What another try comes to, when nobody heard of the first one. */
  retried?: unknown
}

const MOVES: Move[] = [
  {
    name: 'takeSlot',
    call: ({ admission }, { record }) => admission.takeSlot(record, NOW),
    answer: { result: 'taken' },
    after: { status: 'queued' },
    gate: { active: [expect.any(String)] as string[] },
  },
  {
    name: 'acquire',
    arrange: async ({ world, record }) => {
      await world.admission.takeSlot(record, NOW)
    },
    call: ({ executions }, { record }) => executions.acquire(record, aLease('a', NOW)),
    answer: expect.objectContaining({ result: 'acquired' }),
    after: { status: 'running', fence: 1, attempt: 1, nextAttempt: 2 },
    gate: { active: [expect.any(String)] as string[] },
  },
  {
    name: 'renew',
    arrange: running,
    call: ({ executions }, { record }) => executions.renew(record, 1, { ...state, expiresAt: NOW + 60_000 }),
    answer: 'renewed',
    after: { leaseExpiresAt: NOW + 60_000, nextAttempt: 2 },
    gate: { waiting: 0 },
  },
  {
    name: 'saveCheckpoint',
    arrange: running,
    call: ({ executions }, { record }) => executions.saveCheckpoint(record, 1, { ...state, checkpoint }),
    answer: 'saved',
    after: { checkpoint },
    gate: { waiting: 0 },
  },
  {
    name: 'requestCancel',
    arrange: running,
    call: ({ executions }, { record }) => executions.requestCancel(record, '2026-11-21T09:30:05.000Z'),
    answer: 'requested',
    after: { cancelRequestedAt: '2026-11-21T09:30:05.000Z' },
    gate: { waiting: 0 },
  },
  {
    name: 'handOver',
    arrange: running,
    call: ({ executions }, { record }) => executions.handOver(record, 1, { ...state, dueAt: NOW }),
    answer: 'queued',
    after: { status: 'queued', nextAttempt: 1 },
    gate: { active: [expect.any(String)] as string[] },
  },
  {
    name: 'retryLater',
    arrange: running,
    call: ({ executions }, { record }) => executions.retryLater(record, 1, { ...state, retryAt: NOW, dueAt: NOW }),
    answer: 'queued',
    after: { status: 'queued', nextAttempt: 2, retryAt: NOW },
    gate: { active: [] },
  },
  {
    name: 'suspend',
    arrange: running,
    call: ({ executions }, { record }) => executions.suspend(record, 1, { ...state, suspended }),
    answer: 'suspended',
    after: { status: 'queued', nextAttempt: 1, suspended },
    gate: { active: [] },
  },
  {
    name: 'wake',
    arrange: waiting,
    call: async ({ executions }, { standing }) => executions.wake(await standing(), { now: NOW + 5_000, dueAt: NOW }),
    answer: 'woken',
    after: { status: 'queued', waitedMs: 5_000, retryAt: NOW + 5_000 },
    gate: { active: [] },
    retried: 'changed',
  },
  {
    name: 'noteWake',
    arrange: running,
    call: ({ executions }, { record }) => executions.noteWake(record),
    answer: 'noted',
    after: { status: 'running', woken: true },
    gate: { waiting: 0 },
  },
  {
    name: 'returnSlot',
    arrange: async (scene) => {
      await waiting(scene)
      await scene.world.admission.takeSlot(scene.record, NOW)
    },
    call: ({ executions }, { record }) => executions.returnSlot(record),
    answer: 'returned',
    after: { suspended },
    gate: { active: [] },
  },
  {
    name: 'endQueued of one that is suspended',
    arrange: waiting,
    call: async ({ executions }, { record }) => executions.endQueued({ ...record, suspended }, cancelled),
    answer: 'ended',
    after: { status: 'cancelled' },
    gate: { waiting: 0, active: [] },
  },
  {
    name: 'end',
    arrange: running,
    call: ({ executions }, { record }) => executions.end(record, 1, anEnding()),
    answer: 'ended',
    after: { status: 'completed' },
    gate: { active: [] },
  },
  {
    name: 'endQueued of one that waits',
    arrange: parked,
    call: async ({ executions }, { record, waiting }) => {
      const { place } = await waiting()
      return executions.endQueued({ ...record, place }, cancelled)
    },
    answer: 'ended',
    after: { status: 'cancelled' },
    gate: { waiting: 0, active: [] },
  },
  {
    name: 'endQueued of one with a slot',
    arrange: async ({ world, record }) => {
      await world.admission.takeSlot(record, NOW)
    },
    call: ({ executions }, { record }) => executions.endQueued(record, cancelled),
    answer: 'ended',
    after: { status: 'cancelled' },
    gate: { waiting: 0, active: [] },
  },
  {
    name: 'park',
    arrange: ({ world, agent }) => world.setOpen(agent, false),
    call: ({ admission }, { record }) => admission.park(record, IF_FULL),
    answer: 'parked',
    after: { place: expect.any(String) as string },
    gate: { waiting: 1, active: [] },
    retried: 'changed',
  },
  {
    name: 'admitWaiting',
    arrange: parked,
    call: async ({ admission }, { agent, waiting }) => admission.admitWaiting(agent, await waiting(), { now: NOW, dueAt: NOW }),
    answer: 'admitted',
    after: { status: 'queued' },
    gate: { waiting: 0, active: [expect.any(String)] as string[] },
    retried: 'gone',
  },
  {
    name: 'changePriority',
    arrange: parked,
    call: async ({ admission }, { standing }) => admission.changePriority(await standing(), 9),
    answer: 'changed',
    after: { priority: 9, place: expect.stringMatching(/^01#/) as string },
    gate: { waiting: 1 },
  },
  {
    name: 'releaseSlot',
    arrange: async ({ world, record }) => {
      await world.admission.takeSlot(record, NOW)
    },
    call: ({ admission }, { agent, record }) => admission.releaseSlot(agent, record.executionId),
    answer: undefined,
    after: { status: 'queued' },
    gate: { active: [] },
  },
]

describe.each(dynamoBackends())('lost answers of $name', (backend) => {
  it.each(MOVES)('$name is made once when the SDK sends it twice', async ({ arrange, call, answer, after, gate }) => {
    const scene = await setUp(backend, 'repeat')
    await arrange?.(scene)

    expect(await call(scene.losing, scene)).toEqual(answer)

    expect(scene.lost()).toBeGreaterThan(0)
    expect(await scene.standing()).toMatchObject(after)
    expect(await scene.world.admission.gate(scene.agent)).toMatchObject(gate)
    await scene.conserved()
  })

  it.each(MOVES)('$name is made once when its caller tries again', async ({ arrange, call, answer, after, gate, retried }) => {
    const scene = await setUp(backend, 'break')
    await arrange?.(scene)
    await expect(call(scene.losing, scene)).rejects.toMatchObject({ code: 'unavailable' })

    expect(await call(scene.losing, scene)).toEqual(retried ?? answer)

    expect(await scene.standing()).toMatchObject(after)
    expect(await scene.world.admission.gate(scene.agent)).toMatchObject(gate)
    await scene.conserved()
  })

  it('takes a creation that was sent twice for what it is', async () => {
    const { losing, agent } = await setUp(backend, 'repeat')
    const record = anExecution(agent)

    expect(await losing.executions.create(record, NOW)).toEqual({ result: 'exists', record })
  })

  it.each([
    ['end', (world: Scene['world'], record: ExecutionRecord) => world.executions.end(record, 1, anEnding()), 'ended'],
    [
      'retryLater',
      (world: Scene['world'], record: ExecutionRecord) =>
        world.executions.retryLater(record, 1, { ...state, retryAt: NOW, dueAt: NOW }),
      'queued',
    ],
  ] as const)('%s goes on without the gate when its agent is gone', async (_name, call, answer) => {
    const scene = await setUp(backend, 'repeat')
    await running(scene)
    await scene.world.removeGate(scene.agent)

    expect(await call(scene.losing, scene.record)).toBe(answer)

    expect((await scene.standing()).status).not.toBe('running')
    expect(await scene.world.admission.gate(scene.agent)).toBeUndefined()
  })

  it('endQueued takes one out of the mailbox of an agent that is gone', async () => {
    const scene = await setUp(backend, 'repeat')
    await parked(scene)
    await scene.world.removeGate(scene.agent)

    expect(await scene.losing.executions.endQueued(await scene.standing(), cancelled)).toBe('ended')

    expect(await scene.world.admission.listWaiting(scene.agent, 10)).toEqual([])
    expect(await scene.standing()).toMatchObject({ status: 'cancelled' })
  })
})
