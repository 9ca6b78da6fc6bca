import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { dynamoCounterStore } from '#shared/metrics/dynamo-counter-store.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import type { Log } from '#shared/platform/log.ts'
import { dynamoPresenceStore } from '#shared/streams/dynamo-presence-store.ts'
import { type LimitsDependencies, limitsDependencies } from '../http/limits-dependencies.ts'

/** What keeps callers and tenants to their limits; made with the first connection, or the first work that is asked for. */
export function socketLimits(client: DynamoDBDocumentClient, log: Log): LimitsDependencies {
  const config = loadConfig({ ...CONFIG.streams, ...CONFIG.executions, ...CONFIG.limits })
  return limitsDependencies(client, config.STREAMS_TABLE, {
    config,
    log,
    counts: async () => ({
      presence: dynamoPresenceStore(client, config.STREAMS_TABLE),
      counters: dynamoCounterStore(client, config.EXECUTIONS_TABLE),
    }),
  })
}
