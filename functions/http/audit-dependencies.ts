import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { AuditExports } from '#shared/audit/audit-exports.ts'
import { type Auditor, createAuditor } from '#shared/audit/auditor.ts'
import { dynamoAuditExports } from '#shared/audit/dynamo-audit-exports.ts'
import { dynamoAuditLog } from '#shared/audit/dynamo-audit-log.ts'
import { dynamoAuditReader } from '#shared/audit/dynamo-audit-reader.ts'
import { dynamoSealStore } from '#shared/audit/dynamo-seal-store.ts'
import type { VerifyDependencies } from '#shared/audit/verify-chain.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { Log } from '#shared/platform/log.ts'

export type HttpAuditDependencies = Pick<VerifyDependencies, 'auditReader' | 'seals'> & {
  audit: Auditor
  auditExports: AuditExports
}

/** The audit log as it is written and read. */
export function auditDependencies(
  client: DynamoDBDocumentClient,
  { clock, log, table, retentionDays }: { clock: Clock; log: Log; table: string; retentionDays: number },
): HttpAuditDependencies {
  return {
    audit: createAuditor({ auditLog: dynamoAuditLog(client, table, retentionDays), clock, log }),
    auditReader: dynamoAuditReader(client, table, clock),
    auditExports: dynamoAuditExports(client, table, clock, retentionDays),
    seals: dynamoSealStore(client, table, clock, retentionDays),
  }
}
