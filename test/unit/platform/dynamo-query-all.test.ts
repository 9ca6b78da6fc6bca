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

it('asks for no more pages where there are more items than there may be', async () => {
  sent.on(QueryCommand).resolves({ Items: [{ sk: '1' }, { sk: '2' }], LastEvaluatedKey: { sk: '2' } })

  await expect(queryAll(client, query, 3)).rejects.toMatchObject({ code: 'payload_too_large' })
  expect(sent.commandCalls(QueryCommand)).toHaveLength(2)
})
