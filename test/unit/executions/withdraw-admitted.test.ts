import { describe, expect, it } from 'vitest'
import { admitNext } from '#shared/executions/admit-next.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { repairSlots } from '#shared/executions/repair-slots.ts'
import { withdrawAdmitted } from '#shared/executions/withdraw-admitted.ts'
import { ASSISTANT, admissionWorld, idsOf } from '../../helpers/admission.ts'
import { forEveryCrash } from '../../helpers/crashes.ts'
import { anExecution } from '../../helpers/executions.ts'
import { forEveryInterleaving } from '../../helpers/interleavings.ts'

async function withTwenty() {
  const world = admissionWorld()
  await world.register({ maxConcurrency: 20 })
  const records: ExecutionRecord[] = []
  for (let count = 0; count < 20; count++) records.push(await world.admitted())
  return { world, records }
}

describe('withdrawAdmitted', () => {
  it('holds twenty that had a slot through a pause, and all of them begin in order after it', async () => {
    const { world, records } = await withTwenty()
    await world.setOpen(false)

    await withdrawAdmitted(world.dependencies, ASSISTANT)

    expect(await world.gate()).toMatchObject({ waiting: 20, active: [] })
    for (const record of records) await expect(world.begin(record)).rejects.toThrow('it is parked')
    expect(await admitNext(world.dependencies, ASSISTANT)).toBe(0)

    await world.setOpen(true)
    expect(await admitNext(world.dependencies, ASSISTANT)).toBe(20)
    expect(world.sent().slice(20)).toEqual(idsOf(records))
    for (const record of records) expect(await world.begin(record)).toMatchObject({ attempt: 1 })
  })

  it('lets what runs go on, also between two invocations', async () => {
    const world = admissionWorld()
    await world.register()
    const running = await world.begin(await world.admitted())
    const handedOver = await world.begin(await world.admitted())
    await world.executions.handOver(handedOver, 1, { attempt: 1, postedThrough: -1, dueAt: 0 })
    await world.setOpen(false)

    await withdrawAdmitted(world.dependencies, ASSISTANT)

    expect((await world.gate()).active.toSorted()).toEqual(idsOf([running, handedOver]).toSorted())
    expect(await world.begin(handedOver)).toMatchObject({ attempt: 1, fence: 2 })
  })

  it('forgets nobody when the gate is opened meanwhile', async () => {
    const orders = await forEveryInterleaving(async (gate) => {
      const world = admissionWorld()
      await world.register({ maxConcurrency: 1 })
      const record = await world.admitted()
      await world.setOpen(false)
      const steps = {
        ...world.dependencies,
        admission: gate.steps(world.admission, ['gate', 'park', 'listWaiting', 'admitWaiting']),
      }
      const resume = async () => {
        await gate.step(() => world.setOpen(true))
        await admitNext(steps, ASSISTANT)
      }

      await Promise.all([withdrawAdmitted(steps, ASSISTANT), resume()])

      expect(await world.gate()).toMatchObject({ waiting: 0, active: [record.executionId] })
      expect(await world.begin(record)).toMatchObject({ attempt: 1 })
    })
    expect(orders).toBeGreaterThan(3)
  })

  it('is made up for by the repair when it stopped in the middle', async () => {
    await forEveryCrash(async (crasher) => {
      const world = admissionWorld()
      await world.register()
      const records = [await world.admitted(), await world.admitted()]
      await world.setOpen(false)
      const fragile = { ...world.dependencies, admission: crasher.steps(world.admission, ['gate', 'park']) }
      await crasher.run(() => withdrawAdmitted(fragile, ASSISTANT))

      await repairSlots(world.dependencies, ASSISTANT)

      expect(await world.gate()).toMatchObject({ waiting: records.length, active: [] })
    })
  })
})

describe('repairSlots', () => {
  it('gives back the slots of what has ended or never was, and admits the next', async () => {
    const world = admissionWorld()
    await world.register({ maxConcurrency: 2 })
    const running = await world.begin(await world.admitted())
    await world.admission.takeSlot(anExecution({ executionId: 'never-was' }), 0)
    const waiting = await world.admitted()
    await world.executions.end(running, 1, { status: 'completed', endedAt: '', events: [] })
    // A message that was late took the slot once more.
    world.gates.find(ASSISTANT)?.active.push(running.executionId)

    expect(await repairSlots(world.dependencies, ASSISTANT)).toBe(2)

    expect(await world.gate()).toMatchObject({ waiting: 0, active: [waiting.executionId] })
    expect(world.sent().at(-1)).toBe(waiting.executionId)
  })

  it('leaves the slots of what runs or may start', async () => {
    const world = admissionWorld()
    await world.register()
    const [running, queued] = [await world.begin(await world.admitted()), await world.admitted()]

    expect(await repairSlots(world.dependencies, ASSISTANT)).toBe(0)

    expect((await world.gate()).active.toSorted()).toEqual(idsOf([running, queued]).toSorted())
  })

  it('has nothing to do for an agent that is gone', async () => {
    expect(await repairSlots(admissionWorld().dependencies, ASSISTANT)).toBe(0)
  })
})
