import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import type { Log } from '#shared/platform/log.ts'
import { type LimitsDependencies, limitsDependencies } from '../doors/limits-dependencies.ts'
import { tenantCounts } from '../doors/tenant-counts.ts'

/** What keeps callers and tenants to their limits; made with the first connection, or the first work that is asked for. */
export function socketLimits(client: DynamoDBDocumentClient, log: Log): LimitsDependencies {
  const config = loadConfig({ ...CONFIG.streams, ...CONFIG.executions, ...CONFIG.limits })
  return limitsDependencies(client, config.STREAMS_TABLE, {
    config,
    log,
    counts: async () => tenantCounts(client, config),
  })
}
