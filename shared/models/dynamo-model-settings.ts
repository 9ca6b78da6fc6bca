import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { budgetSchema } from '#shared/protocol/budget.ts'
import { modelEntrySchema, namedVirtualModelSchema } from '#shared/protocol/model.ts'
import { dynamoBudgetStore } from './dynamo-budget-store.ts'
import { dynamoTenantList } from './dynamo-tenant-list.ts'
import type { ModelSettings } from './model-settings.ts'

export const dynamoModelSettings = (
  client: DynamoDBDocumentClient,
  { registry, streams }: { registry: string; streams: string },
): ModelSettings => ({
  modelOverrides: dynamoTenantList(client, registry, 'MODEL', modelEntrySchema),
  virtualModelRules: dynamoTenantList(client, registry, 'VIRTUALMODEL', namedVirtualModelSchema),
  budgetDefinitions: dynamoTenantList(client, registry, 'BUDGET', budgetSchema),
  budgetStore: dynamoBudgetStore(client, streams),
})
