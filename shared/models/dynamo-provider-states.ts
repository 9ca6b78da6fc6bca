import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { dynamoBreakerStore } from './dynamo-breaker-store.ts'
import { dynamoKeyStateStore } from './dynamo-key-state-store.ts'
import { dynamoLatencyStore } from './dynamo-latency-store.ts'
import type { ProviderStates } from './provider-states.ts'

export const dynamoProviderStates = (client: DynamoDBDocumentClient, streamsTable: string): ProviderStates => ({
  breakers: dynamoBreakerStore(client, streamsTable),
  latencies: dynamoLatencyStore(client, streamsTable),
  keyStates: dynamoKeyStateStore(client, streamsTable),
})
