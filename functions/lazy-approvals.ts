import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { ApprovalStore } from '#shared/executions/approval-store.ts'
import type { ConfigOf } from '#shared/platform/config.ts'
import { lazy } from '#shared/platform/lazy.ts'

/** What waits for a person; hardly any execution does, so the store is loaded with the first that asks for it. */
export const lazyApprovals = (client: DynamoDBDocumentClient, config: ConfigOf<'executions'>): (() => Promise<ApprovalStore>) =>
  lazy(async () => {
    const { dynamoApprovalStore } = await import('#shared/executions/dynamo-approval-store.ts')
    return dynamoApprovalStore(client, config.EXECUTIONS_TABLE, { retentionDays: config.EXECUTION_RETENTION_DAYS })
  })
