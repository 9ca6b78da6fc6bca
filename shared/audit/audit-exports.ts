import type { AuditExport } from '#shared/protocol/audit.ts'

/** Exports that were asked for, and days that are exported by themselves. What was put stays. */
export type AuditExports = {
  /** Repeatable. */
  request(tenant: string, asked: AuditExport): Promise<void>
  /** Repeatable: the first one counts. */
  complete(tenant: string, done: AuditExport): Promise<void>
  get(tenant: string, exportId: string): Promise<AuditExport | undefined>
  /** Tenants that have seals in a day which is not exported yet. */
  due(day: string): Promise<string[]>
  /** Notes that a day is exported. Repeatable. */
  markExported(tenant: string, day: string): Promise<void>
}
