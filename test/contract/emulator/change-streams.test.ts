import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { deployStack, functionResource } from '../../helpers/emulator-stack.ts'
import { dynamoClientFor } from '../../helpers/tables.ts'

/** Passes on what it gets, and does what it is told: fail, or report the batch's last change as failed. */
const handler = (url: string) => `
exports.handler = async (event) => {
  const response = await fetch('${url}', { method: 'POST', body: JSON.stringify(event) })
  const told = await response.json()
  if (told === 'fail') throw new Error('as told')
  const last = event.Records.at(-1).dynamodb.SequenceNumber
  return { batchItemFailures: told === 'report' ? [{ itemIdentifier: last }] : [] }
}`

const KEYS = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
}

describe('change streams of the emulator', () => {
  const endpoint = inject('emulatorUrl')
  const client = DynamoDBDocumentClient.from(dynamoClientFor(endpoint))
  const batches: DynamoDBRecord[][] = []
  let told: 'fail' | 'report' | 'go on' = 'go on'
  const server = createServer(async (request, response) => {
    batches.push(((await json(request)) as DynamoDBStreamEvent).Records)
    response.end(JSON.stringify(told))
    told = 'go on'
  })
  let TableName = ''

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const waits = { open: { BOOL: [true] }, waiting: { N: [{ 'anything-but': ['0'] }] } }
    const patterns = [
      { dynamodb: { Keys: { sk: { S: [{ prefix: 'SEEN#' }] } } } },
      { dynamodb: { Keys: { sk: { S: ['GATE'] } }, NewImage: waits } },
    ]
    const outputs = await deployStack(
      endpoint,
      {
        Function: functionResource(handler(`http://127.0.0.1:${port}`)),
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: { ...KEYS, StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } },
        },
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
            FunctionName: { Ref: 'Function' },
            StartingPosition: 'TRIM_HORIZON',
            BatchSize: 100,
            FunctionResponseTypes: ['ReportBatchItemFailures'],
            FilterCriteria: { Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) },
          },
        },
      },
      { TableName: { Ref: 'Table' } },
    )
    TableName = String(outputs.TableName)
  })
  afterAll(() => server.close())

  const put = (sk: string, item: Record<string, unknown> = {}) =>
    client.send(new PutCommand({ TableName, Item: { pk: 'p', sk, ...item } }))
  /** What was seen of an item, repeats included. */
  const seen = (sk: string) => batches.flat().filter(({ dynamodb }) => dynamodb?.Keys?.sk?.S === sk)

  it('show an insert, a change and a removal, with the items before and after', async () => {
    await put('SEEN#1', { n: 1 })
    await put('SEEN#1', { n: 2 })
    await client.send(new DeleteCommand({ TableName, Key: { pk: 'p', sk: 'SEEN#1' } }))

    await expect.poll(() => seen('SEEN#1')).toHaveLength(3)

    const [inserted, changed, removed] = seen('SEEN#1').map(({ dynamodb }) => dynamodb)
    expect(seen('SEEN#1').map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE'])
    expect(inserted).toMatchObject({ NewImage: { n: { N: '1' } }, ApproximateCreationDateTime: expect.any(Number) })
    expect(inserted).not.toHaveProperty('OldImage')
    expect(changed).toMatchObject({ OldImage: { n: { N: '1' } }, NewImage: { n: { N: '2' } } })
    expect(removed).toMatchObject({ OldImage: { n: { N: '2' } } })
    expect(removed).not.toHaveProperty('NewImage')
  })

  it('show bytes in base64', async () => {
    await put('SEEN#bytes', { bytes: Buffer.from('a sluice') })

    await expect.poll(() => seen('SEEN#bytes')).toHaveLength(1)

    expect(seen('SEEN#bytes')).toMatchObject([{ dynamodb: { NewImage: { bytes: { B: 'YSBzbHVpY2U=' } } } }])
  })

  it('leave out what no filter lets through', async () => {
    await put('HIDDEN')
    await put('GATE', { open: true, waiting: 0 })
    await put('GATE', { open: false, waiting: 1 })
    await put('GATE', { open: true, waiting: 1 })
    await put('SEEN#2')

    await expect.poll(() => seen('SEEN#2')).toHaveLength(1)

    expect(seen('HIDDEN')).toEqual([])
    expect(seen('GATE')).toMatchObject([{ dynamodb: { NewImage: { waiting: { N: '1' } } } }])
  })

  it('bring a batch again that failed as a whole', async () => {
    told = 'fail'
    await put('SEEN#3')

    await expect.poll(() => seen('SEEN#3')).toHaveLength(2)
  })

  it('do not bring again what is reported as failed: the local cloud forgets what AWS repeats', async () => {
    told = 'report'
    await put('SEEN#4')
    await expect.poll(() => seen('SEEN#4')).toHaveLength(1)
    await put('SEEN#5')

    await expect.poll(() => seen('SEEN#5')).toHaveLength(1)

    expect(seen('SEEN#4')).toHaveLength(1)
  })
})
