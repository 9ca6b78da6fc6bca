import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { AdmissionStore } from '#shared/executions/admission-store.ts'
import type { ApprovalStore } from '#shared/executions/approval-store.ts'
import { dynamoAdmissionStore } from '#shared/executions/dynamo-admission-store.ts'
import { dynamoExecutionStore } from '#shared/executions/dynamo-execution-store.ts'
import type { ExecutionStore } from '#shared/executions/execution-store.ts'
import type { ConfigOf } from '#shared/platform/config.ts'
import { lazy } from '#shared/platform/lazy.ts'

export type ExecutionStores = {
  executions: ExecutionStore
  admission: AdmissionStore
  /** Hardly any execution waits for a person: loaded with the first that does. */
  approvals(): Promise<ApprovalStore>
}

/** Executions, the gates that let them in, and what they wait for. */
export function executionStores(
  client: DynamoDBDocumentClient,
  config: ConfigOf<'registry'> & ConfigOf<'executions'> & ConfigOf<'streams'>,
): ExecutionStores {
  const tables = { registry: config.REGISTRY_TABLE, executions: config.EXECUTIONS_TABLE, streams: config.STREAMS_TABLE }
  const kept = { retentionDays: config.EXECUTION_RETENTION_DAYS }
  return {
    executions: dynamoExecutionStore(client, tables, kept),
    admission: dynamoAdmissionStore(client, tables),
    approvals: lazy(async () => {
      const { dynamoApprovalStore } = await import('#shared/executions/dynamo-approval-store.ts')
      return dynamoApprovalStore(client, tables.executions, kept)
    }),
  }
}
