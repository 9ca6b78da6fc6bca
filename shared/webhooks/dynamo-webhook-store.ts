import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { isConditionFailure } from '#shared/platform/dynamo-errors.ts'
import { MAX_WEBHOOKS, webhookSchema } from '#shared/protocol/webhook.ts'
import type { WebhookStore } from './webhook-store.ts'

/** Webhooks in the registry table: `T#<tenant>#WEBHOOKS` / `WEBHOOK#<id>`, so that one query finds a tenant's. */
export function dynamoWebhookStore(client: DynamoDBDocumentClient, registryTable: string): WebhookStore {
  const pkOf = (tenant: string) => `T#${tenant}#WEBHOOKS`
  const keyOf = (tenant: string, webhookId: string) => ({ pk: pkOf(tenant), sk: `WEBHOOK#${webhookId}` })
  return {
    async put(tenant, webhook) {
      await client.send(new PutCommand({ TableName: registryTable, Item: { ...keyOf(tenant, webhook.webhookId), ...webhook } }))
    },

    async get(tenant, webhookId) {
      const { Item } = await client.send(
        new GetCommand({ TableName: registryTable, Key: keyOf(tenant, webhookId), ConsistentRead: true }),
      )
      return Item && webhookSchema.parse(Item)
    },

    async list(tenant) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: registryTable,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pkOf(tenant) },
          ConsistentRead: true,
          Limit: MAX_WEBHOOKS,
        }),
      )
      return Items.map((item) => webhookSchema.parse(item))
    },

    async disable(tenant, webhookId) {
      await client
        .send(
          new UpdateCommand({
            TableName: registryTable,
            Key: keyOf(tenant, webhookId),
            UpdateExpression: 'SET #status = :disabled',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':disabled': 'disabled' },
          }),
        )
        .catch((error: unknown) => {
          if (!isConditionFailure(error)) throw error
        })
    },

    async remove(tenant, webhookId) {
      const { Attributes } = await client.send(
        new DeleteCommand({ TableName: registryTable, Key: keyOf(tenant, webhookId), ReturnValues: 'ALL_OLD' }),
      )
      return Attributes ? 'removed' : 'missing'
    },
  }
}
