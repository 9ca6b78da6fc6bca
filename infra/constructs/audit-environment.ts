import { ENV } from '#shared/platform/names.ts'
import type { DataStack } from '../stacks/data-stack.ts'
import type { StageConfig } from '../stage-config.ts'

/** What a function is told that writes to the audit log. */
export const auditEnvironment = ({ audit }: DataStack, { auditRetentionDays }: StageConfig): Record<string, string> => ({
  [ENV.auditTable]: audit.tableName,
  [ENV.auditRetentionDays]: String(auditRetentionDays),
})
