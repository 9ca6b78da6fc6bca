import type { AuditRecord } from '#shared/protocol/audit.ts'
import type { AuditLog } from './audit-log.ts'

/** Records of one process, for tests. */
export function memoryAuditLog(): AuditLog & { records: { tenant: string; record: AuditRecord }[] } {
  const records: { tenant: string; record: AuditRecord }[] = []
  return {
    records,
    async append(tenant, record) {
      if (!records.some((known) => known.record.auditId === record.auditId)) records.push({ tenant, record })
    },
  }
}
