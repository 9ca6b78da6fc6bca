import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { AdmissionStore } from '#shared/executions/admission-store.ts'
import { dynamoAdmissionStore } from '#shared/executions/dynamo-admission-store.ts'
import { dynamoExecutionStore } from '#shared/executions/dynamo-execution-store.ts'
import type { ExecutionStore } from '#shared/executions/execution-store.ts'
import type { ConfigOf } from '#shared/platform/config.ts'

/** Executions, and the gates that let them in. */
export function executionStores(
  client: DynamoDBDocumentClient,
  config: ConfigOf<'registry'> & ConfigOf<'executions'> & ConfigOf<'streams'>,
): { executions: ExecutionStore; admission: AdmissionStore } {
  const tables = { registry: config.REGISTRY_TABLE, executions: config.EXECUTIONS_TABLE, streams: config.STREAMS_TABLE }
  return {
    executions: dynamoExecutionStore(client, tables, { retentionDays: config.EXECUTION_RETENTION_DAYS }),
    admission: dynamoAdmissionStore(client, tables),
  }
}
