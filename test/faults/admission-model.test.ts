import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AgentKey } from '#shared/agents/gate.ts'
import { type AdmissionDependencies, workItemOf } from '#shared/executions/admission.ts'
import { admitExecution } from '#shared/executions/admit-execution.ts'
import { admitNext } from '#shared/executions/admit-next.ts'
import { cancelExecution } from '#shared/executions/cancel-execution.ts'
import { changePriority } from '#shared/executions/change-priority.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import { repairSlots } from '#shared/executions/repair-slots.ts'
import { startExecution } from '#shared/executions/start-execution.ts'
import { sweepExecutions } from '#shared/executions/sweep-executions.ts'
import { withdrawAdmitted } from '#shared/executions/withdraw-admitted.ts'
import type { WorkItem } from '#shared/messaging/work-queue.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { memoryWorld } from '../helpers/executions.ts'
import { aCompletion } from '../helpers/streams.ts'
import { virtualClock } from './simulation/virtual-clock.ts'

const TENANT = 'acme'
const AGENTS = ['a', 'b'] as const
const LIMIT = 2
const LEASE_MS = 30_000

type AgentName = (typeof AGENTS)[number]
type Writer = { record: ExecutionRecord }

/** Breaks the use case that is under way after so many calls of the stores; every one of them has happened. */
class Crash extends Error {}

/** The system under test: the real use cases over stores in memory, workers that do as they are told, and a queue that keeps everything. */
function world() {
  const clock = virtualClock()
  const stores = memoryWorld(clock)
  const subscriptions = memorySubscriptionStore(stores.log)
  const queue: WorkItem[] = []
  const running: Writer[] = []
  let callsLeft = Number.POSITIVE_INFINITY

  const fragile = <Port extends object>(port: Port): Port => {
    const seen = { ...port }
    for (const key of Object.keys(port) as (keyof Port & string)[]) {
      const method = port[key]
      if (typeof method !== 'function') continue
      const call = async (...parameters: unknown[]) => {
        if (callsLeft <= 0) throw new Crash()
        callsLeft -= 1
        return method.apply(port, parameters) as unknown
      }
      seen[key] = call as Port[typeof key]
    }
    return seen
  }

  const dependencies = {
    executions: fragile(stores.executions),
    admission: fragile(stores.admission),
    workQueue: fragile({
      async send(item: WorkItem) {
        queue.push(item)
      },
      async probe() {},
      async register() {},
    }),
    streamLog: stores.log,
    subscriptions,
    clock,
  }
  for (const name of AGENTS) {
    stores.gates.put({ tenant: TENANT, agentId: name }, { open: true, limit: LIMIT, queueLimit: 100, waiting: 0, active: [] })
  }
  return {
    ...{ clock, stores, dependencies, queue, running },
    crashAfter(calls: number) {
      callsLeft = calls
    },
  }
}

type World = ReturnType<typeof world>
type Action = { name: string; agent: AgentName; pick: number; priority: number; crashAfter: number | undefined }

const key = (agentId: string): AgentKey => ({ tenant: TENANT, agentId })
const pickFrom = <Item>(items: readonly Item[], pick: number): Item | undefined => items[pick % Math.max(1, items.length)]
const recordsOf = ({ stores }: World): ExecutionRecord[] => stores.executions.stored.all().map(({ record }) => record)
const open = (world: World): ExecutionRecord[] => recordsOf(world).filter(({ status }) => !hasEnded(status))

/** A worker that got a message: takes a slot where it must, and the lease. */
async function deliver({ dependencies, running, clock }: World, item: WorkItem): Promise<void> {
  const { executions, admission } = dependencies
  let tookSlot = false
  if (item.admit) {
    const record = await executions.get(item)
    if (record?.status !== 'queued' || record.place !== undefined || (record.retryAt ?? 0) > clock.now()) return
    const slot = await admission.takeSlot(record, clock.now())
    if (slot.result === 'refused') return void (await admitExecution(dependencies, record))
    tookSlot = true
  }
  const now = clock.now()
  const lease = { owner: `${now}-${running.length}`, now, expiresAt: now + LEASE_MS, tookSlot }
  const taken = await executions.acquire(item, lease)
  if (taken.result === 'acquired') running.push({ record: taken.record })
  if (taken.result === 'ended') {
    await admission.releaseSlot(key(taken.record.agentId), item.executionId)
    await admitNext(dependencies, key(taken.record.agentId))
  }
}

const stop = ({ running }: World, writer: Writer): void => {
  running.splice(running.indexOf(writer), 1)
}

/** Ends with whatever place in the log is free: what a writer says is not the matter here. */
async function end(world: World, writer: Writer): Promise<void> {
  const { stores, dependencies, clock } = world
  const { record } = writer
  const sequence = (await stores.log.lastSequence(executionRef(record))) + 1
  stop(world, writer)
  await dependencies.executions.end(record, record.fence, {
    status: 'completed',
    endedAt: new Date(clock.now()).toISOString(),
    events: [{ ...aCompletion(sequence), executionId: record.executionId }],
  })
  await admitNext(dependencies, key(record.agentId))
}

async function retryLater(world: World, writer: Writer): Promise<void> {
  const { dependencies, clock } = world
  const { record } = writer
  stop(world, writer)
  const retryAt = clock.now() + 60_000
  const state = { attempt: record.attempt, postedThrough: -1, retryAt, dueAt: retryAt + 60_000 }
  if ((await dependencies.executions.retryLater(record, record.fence, state)) === 'lost') return
  await dependencies.workQueue.send({ ...workItemOf(record), admit: true })
  await admitNext(dependencies, key(record.agentId))
}

async function handOver(world: World, writer: Writer): Promise<void> {
  const { dependencies, clock } = world
  const { record } = writer
  stop(world, writer)
  const state = { attempt: record.attempt, postedThrough: -1, dueAt: clock.now() + 60_000 }
  if ((await dependencies.executions.handOver(record, record.fence, state)) === 'queued')
    await dependencies.workQueue.send(workItemOf(record))
}

async function setOpen(world: World, agent: AgentName, isOpen: boolean): Promise<void> {
  const gate = world.stores.gates.find(key(agent))
  if (gate) gate.open = isOpen
  const dependencies: AdmissionDependencies = world.dependencies
  if (isOpen) await admitNext(dependencies, key(agent))
  else await withdrawAdmitted(dependencies, key(agent))
}

async function sweep(world: World): Promise<void> {
  await sweepExecutions(world.dependencies, AbortSignal.timeout(60_000))
  for (const agent of AGENTS) await repairSlots(world.dependencies, key(agent))
}

const ACTIONS: Record<string, (world: World, action: Action, index: number) => Promise<unknown>> = {
  start: ({ dependencies }, { agent, priority }, index) =>
    startExecution(dependencies, { tenant: TENANT, executionId: `e${index}`, agentId: agent, input: null, priority }),
  startAgain: async (world, { pick }) => {
    const record = pickFrom(recordsOf(world), pick)
    if (record) await startExecution(world.dependencies, { ...record, priority: record.priority })
  },
  deliver: async (world, { pick }) => {
    const item = pickFrom(world.queue, pick)
    if (item) await deliver(world, item)
    // A message goes only when its worker is done with it; half of them come again.
    if (item && pick % 2 === 0) world.queue.splice(world.queue.indexOf(item), 1)
  },
  end: async (world, { pick }) => {
    const writer = pickFrom(world.running, pick)
    if (writer) await end(world, writer)
  },
  retryLater: async (world, { pick }) => {
    const writer = pickFrom(world.running, pick)
    if (writer) await retryLater(world, writer)
  },
  handOver: async (world, { pick }) => {
    const writer = pickFrom(world.running, pick)
    if (writer) await handOver(world, writer)
  },
  die: async (world, { pick }) => {
    const writer = pickFrom(world.running, pick)
    if (writer) stop(world, writer)
  },
  pause: (world, { agent }) => setOpen(world, agent, false),
  resume: (world, { agent }) => setOpen(world, agent, true),
  cancel: async (world, { pick }) => {
    const record = pickFrom(open(world), pick)
    if (record) await cancelExecution(world.dependencies, record)
  },
  changePriority: async (world, { pick, priority }) => {
    const record = pickFrom(
      open(world).filter(({ place }) => place !== undefined),
      pick,
    )
    if (record) await changePriority(world.dependencies, record, priority)
  },
  wait: async ({ clock }, { pick }) => clock.advance(pick * 1_000),
  sweep: (world) => sweep(world),
}

/** What must hold after every step, whatever broke in it. */
async function check(world: World): Promise<void> {
  const { stores } = world
  for (const agent of AGENTS) {
    const gate = await stores.admission.gate(key(agent))
    const waiting = await stores.admission.listWaiting(key(agent), 1_000)
    expect(gate?.active.length).toBeLessThanOrEqual(LIMIT)
    expect(gate?.waiting).toBe(waiting.length)
    expect(waiting.map(({ place }) => place)).toEqual(waiting.map(({ place }) => place).sort())
    for (const { executionId } of waiting) expect(gate?.active).not.toContain(executionId)
    const run = recordsOf(world).filter((record) => record.agentId === agent && record.status === 'running')
    for (const { executionId } of run) expect(gate?.active).toContain(executionId)
  }
  for (const record of recordsOf(world)) {
    const events = await stores.log.read(executionRef(record), -1)
    expect(events.filter(isTerminalEvent)).toHaveLength(hasEnded(record.status) ? 1 : 0)
  }
}

/** Lets everything run without faults until nothing moves any more. */
async function rest(world: World): Promise<void> {
  world.crashAfter(Number.POSITIVE_INFINITY)
  for (const agent of AGENTS) await setOpen(world, agent, true)
  for (let round = 0; round < 200 && open(world).length > 0; round++) {
    for (const item of world.queue.splice(0)) await deliver(world, item)
    for (const writer of [...world.running]) await end(world, writer)
    world.clock.advance(60_000)
    await sweep(world)
  }
  for (const item of world.queue.splice(0)) await deliver(world, item)
}

const action: fc.Arbitrary<Action> = fc.record({
  name: fc.constantFrom(...Object.keys(ACTIONS), 'start', 'deliver', 'deliver', 'end'),
  agent: fc.constantFrom(...AGENTS),
  pick: fc.nat({ max: 97 }),
  priority: fc.integer({ min: 1, max: 10 }),
  crashAfter: fc.option(fc.nat({ max: 4 }), { nil: undefined, freq: 3 }),
})

describe('gates and mailboxes under random verbs, deliveries and crashes', () => {
  it('never run more than the limit, never count wrong, and end everything once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 60 }), async (actions) => {
        const system = world()
        for (const [index, step] of actions.entries()) {
          system.crashAfter(step.crashAfter ?? Number.POSITIVE_INFINITY)
          await ACTIONS[step.name]?.(system, step, index).catch((error: unknown) => {
            if (!(error instanceof Crash)) throw error
          })
          await check(system)
        }

        await rest(system)
        await check(system)

        expect(open(system)).toEqual([])
        for (const agent of AGENTS) {
          expect(await system.stores.admission.gate(key(agent))).toMatchObject({ active: [], waiting: 0 })
        }
      }),
      { numRuns: 1_000 },
    )
  }, 60_000)
})
