import type { AuditSeal } from '#shared/protocol/audit.ts'

/** The seals of a tenant. What was put stays. */
export type SealStore = {
  /** Seals of a day that were made at `since` (RFC 3339) or later, and in any case the last one; newest first. Read consistently. */
  recent(tenant: string, day: string, since: string): Promise<AuditSeal[]>
  /** The last seal of the last day before this one that has any. */
  lastBefore(tenant: string, day: string): Promise<AuditSeal | undefined>
  /** Notes that the tenant has seals in this day; before the first of them. Repeatable. */
  openDay(tenant: string, day: string): Promise<void>
  /** @returns `taken` when there is one with its number already */
  put(seal: AuditSeal): Promise<'put' | 'taken'>
}
