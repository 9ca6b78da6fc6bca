import type { AuditRecord } from '#shared/protocol/audit.ts'

/** Where what was done is written down for good. There is no way to change or remove a record, but its time to live. */
export type AuditLog = {
  /** Repeatable: a record that is there already stays as it is. @param signal - ends the wait */
  append(tenant: string, record: AuditRecord, signal?: AbortSignal): Promise<void>
}
