import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { APPEND_PATIENCE_MS } from '#shared/streams/stream-log.ts'
import { aChannel, aChunk } from '../../helpers/streams.ts'

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}))
const dynamo = mockClient(client)
const ref = aChannel({ channel: 'topic:questions' })
const message = { id: 'a', numbered: aChunk }

const conflict = (): TransactionCanceledException =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'TransactionConflict' }, { Code: 'None' }],
  })

beforeEach(() => {
  dynamo.reset()
  dynamo.on(QueryCommand).resolves({ Items: [] })
  vi.spyOn(Math, 'random').mockReturnValue(0)
})

describe('dynamoStreamLog', () => {
  it('takes a number among many writers, however often their transactions meet', async () => {
    const writes = dynamo.on(TransactWriteCommand)
    for (let tries = 0; tries < 60; tries++) writes.rejectsOnce(conflict())
    writes.resolves({})
    const log = dynamoStreamLog(client, 'streams')

    expect(await log.appendNext(ref, [message])).toBe(1)
  })

  it('gives up when others keep writing', async () => {
    let now = Date.now()
    dynamo.on(TransactWriteCommand).callsFake(() => {
      now += 1_000
      throw conflict()
    })
    const log = dynamoStreamLog(client, 'streams', { clock: { now: () => now } })

    await expect(log.appendNext(ref, [message])).rejects.toMatchObject({ code: 'unavailable', retryable: true })
    expect(dynamo.commandCalls(TransactWriteCommand)).toHaveLength(APPEND_PATIENCE_MS / 1_000)
  })
})
