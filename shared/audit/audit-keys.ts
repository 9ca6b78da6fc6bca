import type { AuditRecord } from '#shared/protocol/audit.ts'

const SEAL_PREFIX = 'SEAL#'
const DAY_PREFIX = 'DAY#'

/** Tenant of calls by nobody knows whom; not a name that a tenant can have. */
export const STRANGERS = '-'

/** Day of a time, in UTC: `2026-11-21`. */
export const dayOf = (time: string | number): string => new Date(time).toISOString().slice(0, 10)

/** `<time>#<auditId>`: sorts by time. */
export const placeOf = ({ time, auditId }: Pick<AuditRecord, 'time' | 'auditId'>): string => `${time}#${auditId}`

/** Partition of a tenant's day: its records and seals. */
export const dayPartition = (tenant: string, day: string): string => `T#${tenant}#${day}`
/** Sort key of a seal: sorts by number, behind all records. */
export const sealKey = (n: number): string => `${SEAL_PREFIX}${String(n).padStart(9, '0')}`

/** Partition of a tenant: its days that have seals, and its exports. */
export const tenantPartition = (tenant: string): string => `T#${tenant}`
/** Sort key of a day that has seals. */
export const dayKey = (day: string): string => `${DAY_PREFIX}${day}`

/** Partition of a day: the tenants that have seals in it, and those whose day is exported. */
export const calendarPartition = (day: string): string => `${DAY_PREFIX}${day}`
/** Begin the sort keys there. */
export const TENANT_PREFIX = 'T#'
export const EXPORTED_PREFIX = 'EXPORTED#'

/** Ends of the key ranges: `$` follows `#`. */
export const SEALS = { first: SEAL_PREFIX, end: 'SEAL$' } as const

const DAY_PARTITION = /^T#([^#]+)#(\d{4}-\d{2}-\d{2})$/

/** Tenant and day of a partition of records; undefined for the others. */
export function parseDayPartition(pk: string): { tenant: string; day: string } | undefined {
  const [, tenant, day] = DAY_PARTITION.exec(pk) ?? []
  return tenant === undefined || day === undefined ? undefined : { tenant, day }
}

/** Whose item it is, whatever it is. */
export function tenantOfItem({ pk, sk }: { pk: string; sk: string }): string | undefined {
  const named = pk.startsWith(DAY_PREFIX) ? sk.replace(EXPORTED_PREFIX, TENANT_PREFIX) : pk
  return /^T#([^#]+)/.exec(named)?.[1]
}
