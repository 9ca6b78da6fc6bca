import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { dayOf, dayPartition, placeOf } from './audit-keys.ts'
import type { AuditLog } from './audit-log.ts'
import { auditTable, expiryOf } from './dynamo-audit-table.ts'

/** Records in the audit table: `T#<tenant>#<day>` / `<time>#<auditId>`. */
export function dynamoAuditLog(client: DynamoDBDocumentClient, table: string, retentionDays: number): AuditLog {
  const items = auditTable(client, table)
  return {
    async append(tenant, record, signal) {
      const day = dayOf(record.time)
      const key = { pk: dayPartition(tenant, day), sk: placeOf(record) }
      await items.putOnce({ ...record, ...key, expiresAt: expiryOf(day, retentionDays) }, signal)
    },
  }
}
