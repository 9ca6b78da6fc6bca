import { PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import { cancellationCodes, isConditionFailure } from '#shared/platform/dynamo-errors.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

describe.each(dynamoBackends())('transactions of $name', ({ client, tables }) => {
  const TableName = tables.executions

  it('name the reason for each item when they are cancelled, and write nothing', async () => {
    const [taken, free] = [newId(), newId()]
    await client.send(new PutCommand({ TableName, Item: { pk: taken, sk: 'x' } }))
    const put = (pk: string) => ({
      Put: { TableName, Item: { pk, sk: 'x', second: true }, ConditionExpression: 'attribute_not_exists(pk)' },
    })

    const error = await client
      .send(new TransactWriteCommand({ TransactItems: [put(free), put(taken)] }))
      .catch((reason) => reason)
    const { Attributes } = await client.send(new PutCommand({ TableName, Item: { pk: free, sk: 'x' }, ReturnValues: 'ALL_OLD' }))

    expect(cancellationCodes(error)).toEqual(['None', 'ConditionalCheckFailed'])
    expect(Attributes).toBeUndefined()
  })

  it('give back the item that failed a condition, when asked', async () => {
    const pk = newId()
    await client.send(new PutCommand({ TableName, Item: { pk, sk: 'x', status: 'running' } }))

    const error = await client
      .send(
        new UpdateCommand({
          TableName,
          Key: { pk, sk: 'x' },
          UpdateExpression: 'SET #status = :next',
          ConditionExpression: '#status = :expected',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':next': 'done', ':expected': 'queued' },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      )
      .catch((reason) => reason)

    expect(isConditionFailure(error)).toBe(true)
    expect(error.Item).toMatchObject({ status: { S: 'running' } })
  })
})
