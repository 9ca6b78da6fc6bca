import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { dynamoCounterStore } from '#shared/metrics/dynamo-counter-store.ts'
import { dynamoPresenceStore } from '#shared/streams/dynamo-presence-store.ts'

/** What the quotas of tenants are counted with. */
export const tenantCounts = (client: DynamoDBDocumentClient, tables: { STREAMS_TABLE: string; EXECUTIONS_TABLE: string }) => ({
  presence: dynamoPresenceStore(client, tables.STREAMS_TABLE),
  counters: dynamoCounterStore(client, tables.EXECUTIONS_TABLE),
})
