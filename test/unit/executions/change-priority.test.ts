import { describe, expect, it } from 'vitest'
import { changePriority } from '#shared/executions/change-priority.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { queuePosition } from '#shared/executions/queue-position.ts'
import { ASSISTANT, admissionWorld, idsOf } from '../../helpers/admission.ts'

/** Three that wait, the oldest first. */
async function withThreeWaiting() {
  const world = admissionWorld()
  await world.register({ maxConcurrency: 1 })
  const running = await world.begin(await world.admitted())
  const waiting = [await world.admitted(), await world.admitted(), await world.admitted()] as const
  const change = (record: ExecutionRecord, priority: number) => changePriority(world.dependencies, record, priority)
  const position = async (record: ExecutionRecord) => queuePosition(world.admission, await world.get(record))
  return { world, running, waiting, change, position }
}

describe('changePriority', () => {
  it('moves one before the others, and back to its old place', async () => {
    const { world, waiting, change } = await withThreeWaiting()
    const [first, second, third] = waiting

    expect(await change(third, 9)).toMatchObject({ priority: 9, status: 'queued' })
    expect((await world.admission.listWaiting(ASSISTANT, 9)).map(({ executionId }) => executionId)).toEqual(
      idsOf([third, first, second]),
    )

    await change(third, 5)
    expect((await world.admission.listWaiting(ASSISTANT, 9)).map(({ executionId }) => executionId)).toEqual(idsOf(waiting))
  })

  it('decides who is admitted next', async () => {
    const { world, running, waiting, change } = await withThreeWaiting()
    await change(waiting[2], 10)

    await world.finish(running)

    expect(world.sent().at(-1)).toBe(waiting[2].executionId)
  })

  it('can be repeated', async () => {
    const { waiting, change } = await withThreeWaiting()

    expect(await change(waiting[0], 5)).toEqual(waiting[0])
    expect(await change(waiting[0], 6)).toEqual(await change(waiting[0], 6))
  })

  it('refuses what does not wait', async () => {
    const { world, running, waiting, change } = await withThreeWaiting()
    await world.finish(running)

    for (const record of [running, waiting[0]]) await expect(change(record, 9)).rejects.toMatchObject({ code: 'invalid_state' })
  })

  it('refuses what left the mailbox at that very moment', async () => {
    const { world, waiting } = await withThreeWaiting()
    const admission = { ...world.admission, changePriority: async () => 'gone' as const }

    await expect(changePriority({ ...world.dependencies, admission }, waiting[0], 9)).rejects.toMatchObject({
      code: 'invalid_state',
    })
  })

  it('does not know what another tenant has', async () => {
    const { waiting, change } = await withThreeWaiting()

    await expect(change({ ...waiting[0], tenant: 'globex' }, 9)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('queuePosition', () => {
  it('counts those before it, and all that wait', async () => {
    const { waiting, change, position } = await withThreeWaiting()
    await change(waiting[2], 9)

    expect(await position(waiting[0])).toEqual({ position: 2, waiting: 3 })
    expect(await position(waiting[2])).toEqual({ position: 1, waiting: 3 })
  })

  it('is none for what does not wait', async () => {
    const { running, position } = await withThreeWaiting()

    expect(await position(running)).toBeUndefined()
  })
})
