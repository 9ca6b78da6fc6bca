import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { dynamoAuditExports } from '#shared/audit/dynamo-audit-exports.ts'
import { dynamoAuditReader } from '#shared/audit/dynamo-audit-reader.ts'
import { dynamoSealStore } from '#shared/audit/dynamo-seal-store.ts'
import type { ExportDependencies } from '#shared/audit/export-audit.ts'
import { s3ExportFiles } from '#shared/audit/s3-export-files.ts'
import { systemClock } from '#shared/platform/clock.ts'

/** What exports take; loaded with the first one. */
export function auditExporter(
  client: DynamoDBDocumentClient,
  config: { AUDIT_TABLE: string; AUDIT_RETENTION_DAYS: number; AUDIT_BUCKET: string },
): ExportDependencies {
  const { AUDIT_TABLE: table, AUDIT_RETENTION_DAYS: days, AUDIT_BUCKET: bucket } = config
  return {
    auditReader: dynamoAuditReader(client, table, systemClock),
    seals: dynamoSealStore(client, table, systemClock, days),
    auditExports: dynamoAuditExports(client, table, systemClock, days),
    files: s3ExportFiles(bucket),
    clock: systemClock,
  }
}
