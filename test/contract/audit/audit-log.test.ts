import { describe, expect, it } from 'vitest'
import type { AuditExports } from '#shared/audit/audit-exports.ts'
import type { AuditLog } from '#shared/audit/audit-log.ts'
import type { AuditReader } from '#shared/audit/audit-reader.ts'
import { dynamoAuditExports } from '#shared/audit/dynamo-audit-exports.ts'
import { dynamoAuditLog } from '#shared/audit/dynamo-audit-log.ts'
import { dynamoAuditReader } from '#shared/audit/dynamo-audit-reader.ts'
import { dynamoSealStore } from '#shared/audit/dynamo-seal-store.ts'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import { sealRecords } from '#shared/audit/seal-records.ts'
import type { SealStore } from '#shared/audit/seal-store.ts'
import { verifyChain } from '#shared/audit/verify-chain.ts'
import { newId } from '#shared/platform/ids.ts'
import type { AuditExport } from '#shared/protocol/audit.ts'
import { aRecord, DAY, NOON, stored } from '../../helpers/audit.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

type Store = { log: AuditLog; reader: AuditReader; seals: SealStore; exports: AuditExports }

const clock = { now: () => NOON + 30_000 }
const BEFORE = '2026-11-19'

const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => Array.fromAsync(items)

function contract(makeStore: (now?: number) => Store): void {
  const fresh = () => ({ ...makeStore(), tenant: `t-${newId()}` })

  it('keeps records as they are written, each once', async () => {
    const { log, reader, tenant } = fresh()
    const record = aRecord({ credential: { kind: 'api_key', id: 'k' }, omitted: 2 })
    await log.append(tenant, record)
    await log.append(tenant, { ...record, subject: 'eve' })

    expect(await collect(reader.records(tenant, DAY))).toEqual([stored(record)])
    expect(await collect(reader.records(`${tenant}-other`, DAY))).toEqual([])
  })

  it('gives pages, newest first, between two times', async () => {
    const { log, reader, seals, tenant } = fresh()
    const records = Array.from({ length: 5 }, (_, second) => aRecord({}, second))
    for (const record of records) await log.append(tenant, record)
    await sealRecords({ seals, clock }, { tenant, day: DAY }, records.map(stored))
    const range = { from: records[1]?.time ?? '', to: records[4]?.time ?? '', limit: 2 }

    const first = await reader.page(tenant, DAY, range)
    const second = await reader.page(tenant, DAY, { ...range, before: stored(first.records[1] ?? aRecord()).place })

    expect(first).toMatchObject({ records: [records[4], records[3]], more: true })
    expect(second.records).toEqual([records[2], records[1]])
  })

  it('seals, and reads the seals back as they were', async () => {
    const { log, reader, seals, tenant } = fresh()
    const old = aRecord({ time: `${BEFORE}T23:00:00.000Z` })
    await log.append(tenant, old)
    const last = await sealRecords({ seals, clock }, { tenant, day: BEFORE }, [stored(old)])
    const records = Array.from({ length: 3 }, (_, second) => aRecord({}, second))
    for (const record of records) await log.append(tenant, record)
    const batch = await collect(reader.records(tenant, DAY))

    const first = await sealRecords({ seals, clock }, { tenant, day: DAY }, batch.slice(0, 2))
    const second = await sealRecords({ seals, clock }, { tenant, day: DAY }, batch)

    expect(first?.previous).toEqual({ day: BEFORE, n: 0, hash: last?.hash })
    expect(second).toMatchObject({ n: 1, records: [{ place: batch[2]?.place }] })
    expect(await collect(reader.seals(tenant, DAY))).toEqual([first, second])
    const verify = { auditReader: reader, seals, clock }
    expect(await verifyChain(verify, { tenant, day: DAY })).toMatchObject({ intact: true, records: 3, seals: 2 })
  })

  it('lets only one have a number', async () => {
    const { seals, tenant } = fresh()
    const batches = Array.from({ length: 6 }, (_, second) => [stored(aRecord({}, second))])

    await Promise.all(batches.map((batch) => sealRecords({ seals, clock }, { tenant, day: DAY }, batch)))

    const made = await seals.recent(tenant, DAY, '')
    expect(made.map(({ n }) => n)).toEqual([5, 4, 3, 2, 1, 0])
    expect(new Set(made.flatMap(({ records }) => records.map(({ place }) => place)))).toHaveLength(6)
  })

  it('finds the seals since a time, and always the last one', async () => {
    const { seals, tenant } = fresh()
    const at = (now: number) => ({ seals, clock: { now: () => now } })
    const seal = (second: number) => sealRecords(at(NOON + second * 1_000), { tenant, day: DAY }, [stored(aRecord({}, second))])
    for (const second of [0, 10, 20]) await seal(second)
    const since = async (second: number) =>
      (await seals.recent(tenant, DAY, new Date(NOON + second * 1_000).toISOString())).map(({ n }) => n)

    expect(await since(5)).toEqual([2, 1])
    expect(await since(60)).toEqual([2])
    expect(await seals.recent(`${tenant}-other`, DAY, '')).toEqual([])
    expect(await seals.lastBefore(tenant, DAY)).toBeUndefined()
  })

  it('knows exports, and which days are due', async () => {
    const { exports, seals, tenant } = fresh()
    const asked: AuditExport = { exportId: newId(), status: 'requested', from: DAY, to: DAY, requestedAt: `${DAY}T12:00:00Z` }
    await exports.request(tenant, asked)
    expect(await exports.get(tenant, asked.exportId)).toEqual(asked)
    const done: AuditExport = {
      ...asked,
      status: 'completed',
      completedAt: `${DAY}T12:00:10Z`,
      bucket: 'b',
      manifest: 'm',
      days: [],
    }
    await exports.complete(tenant, done)
    await exports.complete(tenant, { ...done, bucket: 'another' })
    expect(await exports.get(tenant, asked.exportId)).toEqual(done)
    expect(await exports.get(`${tenant}-other`, asked.exportId)).toBeUndefined()

    await sealRecords({ seals, clock }, { tenant, day: DAY }, [stored(aRecord())])
    expect(await exports.due(DAY)).toContain(tenant)
    await exports.markExported(tenant, DAY)
    await exports.markExported(tenant, DAY)
    expect(await exports.due(DAY)).not.toContain(tenant)
  })
}

describe('in memory', () =>
  contract(() => {
    const store = memoryAuditLog()
    return { log: store, reader: store, seals: store, exports: store }
  }))

describe.each(dynamoBackends())('$name', ({ client, tables: { audit } }) => {
  const storeAt = (now: number): Store => ({
    log: dynamoAuditLog(client, audit, 365),
    reader: dynamoAuditReader(client, audit, { now: () => now }),
    seals: dynamoSealStore(client, audit, { now: () => now }, 365),
    exports: dynamoAuditExports(client, audit, { now: () => now }, 365),
  })
  contract(() => storeAt(clock.now()))

  it('shows nothing of what has expired, a day as a whole', async () => {
    const tenant = `t-${newId()}`
    const { log, seals } = storeAt(clock.now())
    const record = aRecord()
    await log.append(tenant, record)
    await sealRecords({ seals, clock }, { tenant, day: DAY }, [stored(record)])
    const count = async (now: number) => {
      const { reader } = storeAt(now)
      const { records } = await reader.page(tenant, DAY, { from: record.time, to: record.time, limit: 10 })
      return [
        records.length,
        (await collect(reader.records(tenant, DAY))).length,
        (await collect(reader.seals(tenant, DAY))).length,
      ]
    }

    expect(await count(Date.parse('2027-11-21T23:59:59Z'))).toEqual([1, 1, 1])
    expect(await count(Date.parse('2027-11-22T00:00:01Z'))).toEqual([0, 0, 0])
  })
})
