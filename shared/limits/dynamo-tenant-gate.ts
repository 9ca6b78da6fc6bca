import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { conditionalUpdate } from '#shared/platform/dynamo-writes.ts'
import { tenantBucketKey } from './rate-keys.ts'
import type { TenantGate } from './tenant-gate.ts'

/**
 * The attribute `closed` of a tenant's bucket in the streams table, `T#<tenant>#RATE` / `BUCKET`: the limiter meets it without a read of
 * its own. A closed bucket has no time to live, so nothing but {@link TenantGate.open} opens it; an erasure leaves it standing.
 */
export function dynamoTenantGate(client: DynamoDBDocumentClient, streamsTable: string): TenantGate {
  const itemOf = (tenant: string) => ({ TableName: streamsTable, Key: tenantBucketKey(tenant) })
  return {
    async close(tenant) {
      await client.send(
        new UpdateCommand({
          ...itemOf(tenant),
          UpdateExpression: 'SET closed = :closed REMOVE expiresAt',
          ExpressionAttributeValues: { ':closed': true },
        }),
      )
    },

    async open(tenant) {
      // On condition that it is closed: an update would make an item where there is none.
      const ConditionExpression = 'attribute_exists(closed)'
      await conditionalUpdate(client, { ...itemOf(tenant), UpdateExpression: 'REMOVE closed', ConditionExpression })
    },

    async isClosed(tenant) {
      const { Item } = await client.send(
        new GetCommand({ ...itemOf(tenant), ConsistentRead: true, ProjectionExpression: 'closed' }),
      )
      return Item?.closed === true
    },
  }
}
