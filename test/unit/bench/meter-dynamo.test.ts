import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import { createMeter } from '../../../bench/counts/meter.ts'
import { meterDynamo } from '../../../bench/counts/meter-dynamo.ts'

const table = { TableName: 'table' }
const Key = { pk: 'a', sk: 'b' }
const large = { pk: { S: 'a' }, text: { S: 'x'.repeat(5_000) } }

/** A metered client of a database that gives one answer. */
function metered(answer: object, statusCode = 200) {
  const meter = createMeter()
  const bodies: string[] = []
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: { body: Uint8Array }) => {
        bodies.push(new TextDecoder().decode(request.body))
        return { response: { statusCode, headers: {}, body: new TextEncoder().encode(JSON.stringify(answer)) } }
      },
    },
  })
  meterDynamo(client, meter)
  return { client: DynamoDBDocumentClient.from(client), meter, bodies }
}

describe('meterDynamo', () => {
  it('charges a read by the size of the item and its consistency', async () => {
    const { client, meter } = metered({ Item: large })

    await client.send(new GetCommand({ ...table, Key, ConsistentRead: true }))
    await client.send(new GetCommand({ ...table, Key }))

    expect(meter.calls()).toEqual({ DynamoDB: { GetItem: { calls: 2, units: { dynamodbReadUnits: 3 } } } })
  })

  it('charges a query for all its items together', async () => {
    const { client, meter } = metered({ Items: [large, large], Count: 2, ScannedCount: 2 })

    await client.send(new QueryCommand({ ...table, KeyConditionExpression: 'pk = a', ConsistentRead: true }))

    expect(meter.calls().DynamoDB?.Query).toEqual({ calls: 1, units: { dynamodbReadUnits: 3 } })
  })

  it('does not guess the size of items that a filter held back', async () => {
    const { client } = metered({ Items: [large], Count: 1, ScannedCount: 2 })

    await expect(client.send(new QueryCommand(table))).rejects.toThrow('went through 2 items')
  })

  it('charges a read in a transaction double', async () => {
    const { client, meter } = metered({ Responses: [{ Item: large }, {}] })

    await client.send(new TransactGetCommand({ TransactItems: [{ Get: { ...table, Key } }, { Get: { ...table, Key } }] }))

    expect(meter.calls().DynamoDB?.TransactGetItems).toEqual({ calls: 1, units: { dynamodbReadUnits: 6 } })
  })

  it('charges a write as the database says, for all tables and indexes', async () => {
    const { client, meter, bodies } = metered({ ConsumedCapacity: [{ CapacityUnits: 12 }, { CapacityUnits: 2 }] })

    await client.send(new TransactWriteCommand({ TransactItems: [{ Put: { ...table, Item: Key } }] }))

    expect(meter.calls().DynamoDB?.TransactWriteItems).toEqual({ calls: 1, units: { dynamodbWriteUnits: 14 } })
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ ReturnConsumedCapacity: 'INDEXES' })
  })

  it('charges a write whose condition failed for the item that stands there', async () => {
    const { client, meter } = metered({ __type: 'ConditionalCheckFailedException', Item: large }, 400)

    await expect(client.send(new PutCommand({ ...table, Item: Key }))).rejects.toThrow()

    expect(meter.calls().DynamoDB).toEqual({ 'PutItem (refused)': { calls: 1, units: { dynamodbWriteUnits: 5 } } })
  })

  it('refuses an operation whose price it does not know', async () => {
    const { client } = metered({ Items: [] })

    await expect(client.send(new ScanCommand(table))).rejects.toThrow('no rule says what Scan costs')
  })
})
