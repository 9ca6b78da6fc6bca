import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { mockClient } from 'aws-sdk-client-mock'
import { afterEach, expect, it } from 'vitest'
import { queryAll } from '#shared/platform/dynamo-query-all.ts'

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}))
const sent = mockClient(client)

afterEach(() => {
  sent.reset()
})

const query = { TableName: 'table', KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': 'a' } }

it('reads on where DynamoDB stopped, also behind a page without items', async () => {
  sent
    .on(QueryCommand, { ...query, ExclusiveStartKey: undefined })
    .resolves({ Items: [{ sk: '1' }], LastEvaluatedKey: { sk: '1' } })
    .on(QueryCommand, { ...query, ExclusiveStartKey: { sk: '1' } })
    .resolves({ LastEvaluatedKey: { sk: '2' } })
    .on(QueryCommand, { ...query, ExclusiveStartKey: { sk: '2' } })
    .resolves({ Items: [{ sk: '3' }] })

  expect(await queryAll(client, query)).toEqual([{ sk: '1' }, { sk: '3' }])
})

it('fails with the page that fails', async () => {
  const refused = new Error('refused')
  sent
    .on(QueryCommand)
    .resolvesOnce({ Items: [{ sk: '1' }], LastEvaluatedKey: { sk: '1' } })
    .rejects(refused)

  await expect(queryAll(client, query)).rejects.toBe(refused)
})
