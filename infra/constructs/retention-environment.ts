import { ENV } from '#shared/platform/names.ts'
import type { StageConfig } from '../stage-config.ts'

/** What of the executions table a function writes, and how its setting is called. */
const SETTINGS = {
  executions: [ENV.executionRetentionDays, 'executionRetentionDays'],
  conversations: [ENV.conversationRetentionDays, 'conversationRetentionDays'],
  deliveries: [ENV.deliveryRetentionDays, 'deliveryRetentionDays'],
} as const satisfies Record<string, readonly [string, keyof StageConfig]>

/** What a function is told about how long its items are kept. @param kept - besides executions */
export function retentionEnvironment(config: StageConfig, ...kept: (keyof typeof SETTINGS)[]): Record<string, string> {
  const settings = (['executions', ...kept] as const).map((each) => SETTINGS[each])
  return Object.fromEntries(settings.map(([variable, setting]) => [variable, String(config[setting])]))
}
