import { describe, expect, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { admissionWorlds } from '../../helpers/admission-worlds.ts'
import { aLease, anEnding, anExecution } from '../../helpers/executions.ts'
import { aCompletion } from '../../helpers/streams.ts'

const NOW = Date.parse('2026-11-21T09:30:00.000Z')

describe.each(admissionWorlds())('turns in a batch on %s', (_name, open) => {
  async function waiting() {
    const { executions } = open()
    const record = anExecution({
      tenant: newId(),
      batchId: 'b-1',
      batchIndex: 1,
      batchOrder: 'stop_on_error',
      awaitsTurn: true,
    })
    await executions.create(record, NOW)
    return { executions, record }
  }

  it('are taken once', async () => {
    const { executions, record } = await waiting()

    const results = await Promise.all([1, 2, 3].map(() => executions.takeTurn(record, NOW)))

    expect(results.sort()).toEqual(['changed', 'changed', 'taken'])
    const standing = await executions.get(record)
    expect(standing).toMatchObject({ batchId: 'b-1', batchIndex: 1, batchOrder: 'stop_on_error', status: 'queued' })
    expect(standing?.awaitsTurn).toBeUndefined()
  })

  it('keep a worker from what has none, whatever it took', async () => {
    const { executions, record } = await waiting()

    for (const tookSlot of [true, false])
      expect(await executions.acquire(record, aLease('a', NOW, { tookSlot }))).toMatchObject({ result: 'parked' })
    await executions.takeTurn(record, NOW)

    expect(await executions.acquire(record, aLease('a', NOW))).toMatchObject({ result: 'acquired' })
  })

  it('do not come after the end', async () => {
    const { executions, record } = await waiting()
    await executions.endQueued(record, anEnding({ status: 'cancelled', events: [aCompletion(0)] }))

    expect(await executions.takeTurn(record, NOW)).toBe('changed')
    expect(await executions.get(record)).toMatchObject({ status: 'cancelled', awaitsTurn: true })
  })

  it('gives many at once, without what is not wanted, and of this tenant alone', async () => {
    const { executions, record } = await waiting()
    const other = anExecution({ tenant: record.tenant })
    await executions.create(other, NOW)
    const ids = [record.executionId, other.executionId, newId()]

    const found = await executions.getMany(record.tenant, ids, { without: ['input'] })

    expect(found.map(({ executionId }) => executionId).sort()).toEqual(ids.slice(0, 2).sort())
    expect(found.map(({ input }) => input)).toEqual([null, null])
    expect(await executions.getMany(newId(), ids)).toEqual([])
  })
})
