import { type AuditExport, type AuditRecord, auditRecordSchema, auditSealSchema } from '#shared/protocol/audit.ts'
import type { AuditExports } from './audit-exports.ts'
import { dayOf, placeOf } from './audit-keys.ts'
import type { AuditLog } from './audit-log.ts'
import type { AuditReader } from './audit-reader.ts'
import type { Stored, StoredRecord } from './seal.ts'
import type { SealStore } from './seal-store.ts'

/** What stands in a day of a tenant; a test may tamper with it. */
export type MemoryDay = { records: StoredRecord[]; seals: Stored[] }

export type MemoryAuditLog = AuditLog &
  AuditReader &
  SealStore &
  AuditExports & { written: { tenant: string; record: AuditRecord }[]; day(tenant: string, day: string): MemoryDay }

const byPlace = (one: StoredRecord, other: StoredRecord): number => (one.place < other.place ? -1 : 1)

/** The audit log of one process, for tests. */
export function memoryAuditLog(): MemoryAuditLog {
  const written: MemoryAuditLog['written'] = []
  const days = new Map<string, MemoryDay & { tenant: string; day: string }>()
  const exports = new Map<string, AuditExport>()
  const exported = new Set<string>()

  function at(tenant: string, day: string): MemoryDay {
    const key = `${day}#${tenant}`
    const found = days.get(key) ?? { tenant, day, records: [], seals: [] }
    days.set(key, found)
    return found
  }
  const sealsOf = ({ seals }: MemoryDay) => seals.map((seal) => auditSealSchema.parse(seal)).toReversed()
  const withSeals = () => [...days.values()].filter(({ seals }) => seals.length > 0)

  return {
    written,
    day: at,

    async append(tenant, record) {
      const { records } = at(tenant, dayOf(record.time))
      const place = placeOf(record)
      if (records.some((known) => known.place === place)) return
      written.push({ tenant, record })
      records.push({ place, content: record })
    },

    async page(tenant, day, { from, to, limit, before }) {
      const older = at(tenant, day)
        .records.toSorted(byPlace)
        .toReversed()
        .filter(({ place }) => place >= from && (before === undefined ? place < `${to}$` : place < before))
      const records = older.slice(0, limit).map(({ content }) => auditRecordSchema.parse(content))
      return { records, more: older.length > limit }
    },
    async *records(tenant, day) {
      yield* at(tenant, day).records.toSorted(byPlace)
    },
    async *seals(tenant, day) {
      yield* at(tenant, day).seals
    },

    async recent(tenant, day, since) {
      return sealsOf(at(tenant, day)).filter(({ sealedAt }, index) => index === 0 || sealedAt >= since)
    },
    async lastBefore(tenant, day) {
      const before = withSeals().filter((each) => each.tenant === tenant && each.day < day)
      const [last] = before.toSorted((one, other) => (one.day < other.day ? 1 : -1))
      return last && sealsOf(last)[0]
    },
    async openDay() {},
    async put(seal) {
      const { seals } = at(seal.tenant, seal.day)
      if (seals.length !== seal.n) return 'taken'
      seals.push(seal)
      return 'put'
    },

    async request(tenant, asked) {
      const key = `${tenant}#${asked.exportId}`
      if (!exports.has(key)) exports.set(key, asked)
    },
    async complete(tenant, done) {
      const key = `${tenant}#${done.exportId}`
      if (exports.get(key)?.status !== 'completed') exports.set(key, done)
    },
    get: async (tenant, exportId) => exports.get(`${tenant}#${exportId}`),
    async due(day) {
      const ofDay = withSeals().filter((each) => each.day === day)
      return ofDay.map(({ tenant }) => tenant).filter((tenant) => !exported.has(`${day}#${tenant}`))
    },
    async markExported(tenant, day) {
      exported.add(`${day}#${tenant}`)
    },
  }
}
