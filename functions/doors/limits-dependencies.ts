import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { bucketRateLimiter } from '#shared/limits/bucket-rate-limiter.ts'
import { dynamoBucketStore } from '#shared/limits/dynamo-bucket-store.ts'
import { countedQuotas, type Quotas } from '#shared/limits/quotas.ts'
import type { RateLimiter } from '#shared/limits/rate-limiter.ts'
import type { CounterStore } from '#shared/metrics/counter-store.ts'
import { executionsSince } from '#shared/metrics/executions-since.ts'
import { systemClock } from '#shared/platform/clock.ts'
import type { ConfigOf } from '#shared/platform/config.ts'
import type { Log } from '#shared/platform/log.ts'
import type { PresenceStore } from '#shared/streams/presence-store.ts'

/** What keeps callers and tenants to their limits, at every door. */
export type LimitsDependencies = { rateLimiter: RateLimiter; quotas: Quotas }

type Counts = { presence: Pick<PresenceStore, 'counts'>; counters: Pick<CounterStore, 'hours'> }

/** @param counts - loaded with the first request that a quota is asked for */
export function limitsDependencies(
  client: DynamoDBDocumentClient,
  streamsTable: string,
  { config, log, counts }: { config: ConfigOf<'limits'>; log: Log; counts(): Promise<Counts> },
): LimitsDependencies {
  const clock = systemClock
  return {
    rateLimiter: bucketRateLimiter({
      buckets: dynamoBucketStore(client, streamsTable),
      clock,
      log,
      requestsPerMinute: config.REQUESTS_PER_MINUTE,
      tenantRequestsPerMinute: config.TENANT_REQUESTS_PER_MINUTE,
    }),
    quotas: countedQuotas({
      clock,
      log,
      countSockets: async (tenant) => (await (await counts()).presence.counts(tenant)).connections,
      countExecutions: async (tenant, since) => executionsSince((await counts()).counters, tenant, { since, now: clock.now() }),
      maxSockets: config.MAX_SOCKETS_PER_TENANT,
      maxExecutionsPerDay: config.MAX_EXECUTIONS_PER_TENANT_PER_DAY,
    }),
  }
}
