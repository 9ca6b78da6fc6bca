import { DynamoDBClient, TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { aChannel } from '../../helpers/streams.ts'

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}))
const dynamo = mockClient(client)
const subscriptions = dynamoSubscriptionStore(client, 'streams')
const ref = aChannel({ channel: 'topic:questions' })

describe('dynamoSubscriptionStore, whose head the transactions of others hold', () => {
  beforeEach(() => {
    dynamo.reset()
    dynamo
      .on(UpdateCommand)
      .rejectsOnce(new TransactionConflictException({ message: 'held', $metadata: {} }))
      .resolves({ Attributes: { version: 1, posted: 4 } })
  })

  it("takes the sender's role", async () => {
    expect(await subscriptions.takeSender(ref, 'me', { now: 1, until: 2 })).toEqual({ result: 'taken', posted: 4 })
  })

  it('tells the writers of a subscription that ended', async () => {
    dynamo
      .on(TransactWriteCommand)
      .rejectsOnce(
        new TransactionCanceledException({
          message: 'held',
          $metadata: {},
          CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
        }),
      )
      .resolves({})

    await subscriptions.remove(ref, { connectionId: 'connection-1' })

    expect(dynamo.commandCalls(TransactWriteCommand)).toHaveLength(2)
  })
})
