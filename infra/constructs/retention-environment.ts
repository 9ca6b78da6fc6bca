import { ENV } from '#shared/platform/names.ts'
import type { StageConfig } from '../stage-config.ts'

/** What a function is told that writes to the executions table: how long its items are kept. */
export const retentionEnvironment = (config: StageConfig): Record<string, string> => ({
  [ENV.executionRetentionDays]: String(config.executionRetentionDays),
  [ENV.conversationRetentionDays]: String(config.conversationRetentionDays),
  [ENV.deliveryRetentionDays]: String(config.deliveryRetentionDays),
})
