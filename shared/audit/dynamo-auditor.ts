import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { Clock } from '#shared/platform/clock.ts'
import { lazy } from '#shared/platform/lazy.ts'
import type { Log } from '#shared/platform/log.ts'
import { stageRedactor } from '#shared/platform/redact.ts'
import type { Auditor } from './auditor.ts'

/** An auditor over the audit table that is loaded with the first record: most frames and streams need none. */
export function dynamoAuditor(
  client: DynamoDBDocumentClient,
  { AUDIT_TABLE: table, AUDIT_RETENTION_DAYS: retentionDays }: { AUDIT_TABLE: string; AUDIT_RETENTION_DAYS: number },
  { clock, log }: { clock: Clock; log: Log },
): Auditor {
  const auditor = lazy(async () => {
    const [{ createAuditor }, { dynamoAuditLog }] = await Promise.all([import('./auditor.ts'), import('./dynamo-audit-log.ts')])
    return createAuditor({ auditLog: dynamoAuditLog(client, table, retentionDays), clock, log, redact: stageRedactor() })
  })
  return async (call, end) => (await auditor())(call, end)
}
