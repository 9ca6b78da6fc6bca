import { ENV } from '#shared/platform/names.ts'
import type { StageConfig } from '../stage-config.ts'

/** What the doors are told of rates and quotas. */
export const limitsEnvironment = (config: StageConfig): Record<string, string> => ({
  [ENV.requestsPerMinute]: String(config.requestsPerMinute),
  [ENV.tenantRequestsPerMinute]: String(config.tenantRequestsPerMinute),
  [ENV.maxSocketsPerTenant]: String(config.maxSocketsPerTenant),
  [ENV.maxExecutionsPerTenantPerDay]: String(config.maxExecutionsPerTenantPerDay),
})
