import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { throwAwsError } from '#shared/platform/aws-errors.ts'
import { queryAll } from '#shared/platform/dynamo-query-all.ts'
import type { TenantList } from './tenant-list.ts'

/** Stored as JSON text: attribute maps support neither all JSON numbers nor empty names. */
const itemSchema = z.object({ definition: z.string() })

/**
 * A tenant list in the registry table, at `T#<tenant>#<kind>` / `<name>`: one query reads it whole.
 *
 * @param kind - `MODEL`, `VIRTUALMODEL` or `BUDGET`
 */
export function dynamoTenantList<Schema extends z.ZodType>(
  client: DynamoDBDocumentClient,
  table: string,
  kind: 'MODEL' | 'VIRTUALMODEL' | 'BUDGET',
  schema: Schema,
): TenantList<z.output<Schema>> {
  const pkOf = (tenant: string): string => `T#${tenant}#${kind}`
  return {
    async put(tenant, name, thing) {
      const Item = { pk: pkOf(tenant), sk: name, definition: JSON.stringify(thing) }
      await client.send(new PutCommand({ TableName: table, Item })).catch(asUnavailable)
    },

    async list(tenant) {
      const items = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pkOf(tenant) },
        ConsistentRead: true,
      }).catch(asUnavailable)
      return items.map((item) => schema.parse(JSON.parse(itemSchema.parse(item).definition)))
    },

    async remove(tenant, name) {
      const { Attributes } = await client
        .send(new DeleteCommand({ TableName: table, Key: { pk: pkOf(tenant), sk: name }, ReturnValues: 'ALL_OLD' }))
        .catch(asUnavailable)
      return Attributes ? 'removed' : 'missing'
    },
  }
}

const asUnavailable = throwAwsError('the table')
