import { DynamoDBClient, TransactionConflictException } from '@aws-sdk/client-dynamodb'
import { DeleteCommand, DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
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

  it('counts a subscription that ended', async () => {
    dynamo.on(DeleteCommand).resolves({ Attributes: { cursor: 3 } })

    await subscriptions.remove(ref, 'connection-1')

    expect(dynamo.commandCalls(UpdateCommand)).toHaveLength(2)
  })
})
