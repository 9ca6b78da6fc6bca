import fc from 'fast-check'
import { describe, it } from 'vitest'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { mailboxPlace } from '#shared/executions/mailbox-place.ts'
import { newId } from '#shared/platform/ids.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { type AdmissionWorld, admissionWorlds, expectConserved } from '../../helpers/admission-worlds.ts'
import { aGate, aLease, anEnding, anExecution } from '../../helpers/executions.ts'
import { aCompletion } from '../../helpers/streams.ts'

const NOW = Date.parse('2026-11-21T09:30:00.000Z')
const EXECUTIONS = 5
const RUNS = { memory: 300, database: 6 }

/** What can happen to an execution of an agent, once `record` was read. Times are `NOW`, so leases and attempts are due at once. */
const MOVES = {
  takeSlot: async ({ admission }, record) => {
    // Whoever takes a slot has just read a queued execution.
    if (record.status === 'queued') await admission.takeSlot(record, NOW)
  },
  parkIfFull: ({ admission }, record) => admission.park(record, { onlyIfFull: true }),
  park: ({ admission }, record) => admission.park(record, { onlyIfFull: false }),
  admitFirst: async ({ admission }, record) => {
    const [first] = await admission.listWaiting(record, 1)
    if (first) await admission.admitWaiting(record, first, { now: NOW, dueAt: NOW })
  },
  admitThis: ({ admission }, record) => {
    const { executionId, place = mailboxPlace(record) } = record
    return admission.admitWaiting(record, { executionId, place }, { now: NOW, dueAt: NOW })
  },
  begin: async ({ admission, executions }, record) => {
    // A worker's message follows from a slot.
    const hasSlot = (await admission.gate(record))?.active.includes(record.executionId)
    if (hasSlot) await executions.acquire(record, aLease(newId(), NOW, { tookSlot: true }))
  },
  takeOver: async ({ executions }, record) => {
    if (record.status === 'running') await executions.acquire(record, aLease(newId(), NOW + 60_000))
  },
  handOver: ({ executions }, record) => executions.handOver(record, record.fence, { ...stateOf(record), dueAt: NOW }),
  retryLater: ({ executions }, record) =>
    executions.retryLater(record, record.fence, { ...stateOf(record), retryAt: NOW, dueAt: NOW }),
  end: async (world, record) => world.executions.end(record, record.fence, anEnding({ events: await lastEvents(world, record) })),
  endStale: async (world, record) =>
    world.executions.end(record, record.fence - 1, anEnding({ events: await lastEvents(world, record) })),
  cancel: async (world, record) =>
    world.executions.endQueued(record, anEnding({ status: 'cancelled', events: await lastEvents(world, record) })),
  urgent: ({ admission }, record) => admission.changePriority(record, 10),
  patient: ({ admission }, record) => admission.changePriority(record, 1),
  open: (world, record) => world.setOpen(record, true),
  close: (world, record) => world.setOpen(record, false),
} satisfies Record<string, (world: AdmissionWorld, record: ExecutionRecord) => Promise<unknown>>

const stateOf = ({ attempt, postedThrough }: ExecutionRecord) => ({ attempt, postedThrough })
const lastEvents = async ({ log }: AdmissionWorld, record: ExecutionRecord) => [
  aCompletion((await log.lastSequence(executionRef(record))) + 1),
]

const step = fc.record({
  move: fc.constantFrom(...(Object.keys(MOVES) as (keyof typeof MOVES)[])),
  which: fc.nat({ max: EXECUTIONS - 1 }),
  /** Whether the same is done once more: as redelivered messages and lost answers make it. */
  twice: fc.boolean(),
})
const scenario = fc.record({
  limit: fc.integer({ min: 1, max: 3 }),
  priorities: fc.array(fc.integer({ min: 1, max: 10 }), { minLength: EXECUTIONS, maxLength: EXECUTIONS }),
  steps: fc.array(step, { minLength: 10, maxLength: 40 }),
})

describe.each(admissionWorlds())('whatever happens, on %s', (name, open) => {
  it('slots and mailbox hold every execution once', async () => {
    const property = fc.asyncProperty(scenario, async ({ limit, priorities, steps }) => {
      const world = open()
      const agent = { tenant: newId(), agentId: 'assistant' }
      await world.putGate(agent, aGate({ limit }))
      const records = priorities.map((priority) => anExecution({ ...agent, priority }))
      await Promise.all(records.map((record) => world.executions.create(record, NOW)))

      for (const { move, which, twice } of steps) {
        const record = await world.executions.get(records[which] ?? anExecution())
        if (!record) throw new Error('an execution is gone')
        await MOVES[move](world, record)
        if (twice) await MOVES[move](world, record)
        await expectConserved(world, agent, records)
      }
    })

    await fc.assert(property, { numRuns: name === 'memory' ? RUNS.memory : RUNS.database })
  })
})
