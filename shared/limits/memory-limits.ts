import type { Clock } from '#shared/platform/clock.ts'
import { type Log, memoryLog } from '#shared/platform/log.ts'
import { bucketRateLimiter } from './bucket-rate-limiter.ts'
import { memoryBucketStore } from './memory-bucket-store.ts'
import { memoryTenantGate } from './memory-tenant-gate.ts'
import { countedQuotas, type QuotaDependencies } from './quotas.ts'

export type LimitSettings = Partial<Omit<QuotaDependencies, 'clock' | 'log'>> & {
  requestsPerMinute?: number
  tenantRequestsPerMinute?: number
}

/** Limits in memory, that a test reaches only when it says so. */
export function memoryLimits(clock: Clock, log: Log = memoryLog(), settings: LimitSettings = {}) {
  const { requestsPerMinute = 100_000, tenantRequestsPerMinute = 1_000_000, ...quotas } = settings
  const gate = memoryTenantGate()
  return {
    gate,
    rateLimiter: bucketRateLimiter({ buckets: memoryBucketStore(gate), clock, log, requestsPerMinute, tenantRequestsPerMinute }),
    quotas: countedQuotas({
      clock,
      log,
      countSockets: async () => 0,
      countExecutions: async () => 0,
      maxSockets: 1_000,
      maxExecutionsPerDay: 100_000,
      ...quotas,
    }),
  }
}
