import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import type { StoredRecord } from '#shared/audit/seal.ts'
import { sealRecords } from '#shared/audit/seal-records.ts'
import { verifyChain } from '#shared/audit/verify-chain.ts'
import { auditSealSchema } from '#shared/protocol/audit.ts'
import { aRecord, DAY, NOON, stored } from '../../helpers/audit.ts'

const place = { tenant: 'acme', day: DAY }

function scene(now = NOON + 30_000) {
  const store = memoryAuditLog()
  const clock = { now: () => now }
  return { store, clock, dependencies: { seals: store, clock } }
}

const sealedPlaces = (store: ReturnType<typeof memoryAuditLog>) =>
  store.day('acme', DAY).seals.flatMap((seal) => auditSealSchema.parse(seal).records.map((record) => record.place))

describe('sealing', () => {
  it('links each seal to the one before', async () => {
    const { store, dependencies } = scene()

    const first = await sealRecords(dependencies, place, [stored(aRecord())])
    const second = await sealRecords(dependencies, place, [stored(aRecord({}, 1)), stored(aRecord({}, 2))])

    expect(first).toMatchObject({ n: 0, previous: null })
    expect(second).toMatchObject({ n: 1, previous: { day: DAY, n: 0, hash: first?.hash } })
    expect(store.day('acme', DAY).seals).toHaveLength(2)
  })

  it('begins a day with the last seal of the day before, however long ago', async () => {
    const { dependencies } = scene()
    const day = '2026-11-07'
    const last = await sealRecords(dependencies, { tenant: 'acme', day }, [stored(aRecord({ time: `${day}T08:00:00.000Z` }))])

    const seal = await sealRecords(dependencies, place, [stored(aRecord())])

    expect(seal).toMatchObject({ n: 0, previous: { day, n: 0, hash: last?.hash } })
  })

  it('has nothing to do with what is sealed', async () => {
    const { store, dependencies } = scene()
    const records = [stored(aRecord()), stored(aRecord({}, 1))]
    await sealRecords(dependencies, place, records)

    expect(await sealRecords(dependencies, place, records)).toBeUndefined()
    expect(await sealRecords(dependencies, place, [])).toBeUndefined()

    expect(store.day('acme', DAY).seals).toHaveLength(1)
  })

  it('gives up when others are always first', async () => {
    const { store, clock } = scene()
    const seals = { ...store, put: async () => 'taken' as const }

    await expect(sealRecords({ seals, clock }, place, [stored(aRecord())])).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('seals each record once, whatever comes again, in part, out of step and at the same time', async () => {
    const batches = fc.array(fc.uniqueArray(fc.nat(11), { minLength: 1 }), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(batches, fc.scheduler(), async (indexes, scheduler) => {
        const { store, clock } = scene()
        const records: StoredRecord[] = Array.from({ length: 12 }, (_, second) => stored(aRecord({}, second)))
        store.day('acme', DAY).records.push(...records)
        const seals = {
          ...store,
          recent: scheduler.scheduleFunction(store.recent),
          put: scheduler.scheduleFunction(store.put),
        }
        const batchOf = (batch: number[]) => batch.flatMap((index) => records[index] ?? [])

        const sealing = indexes.map((batch) => sealRecords({ seals, clock }, place, batchOf(batch)))
        await scheduler.waitFor(Promise.all(sealing))
        await sealRecords({ seals: store, clock }, place, records)

        expect(sealedPlaces(store).toSorted()).toEqual(records.map((record) => record.place).toSorted())
        expect(await verifyChain({ auditReader: store, seals: store, clock }, place)).toMatchObject({ intact: true, records: 12 })
      }),
      { numRuns: 60 },
    )
  })
})
