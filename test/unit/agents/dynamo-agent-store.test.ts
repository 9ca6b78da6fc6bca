import { DynamoDBClient, TransactionConflictException } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}))
const dynamo = mockClient(client)
const agents = dynamoAgentStore(client, 'registry')
const key = { tenant: 'acme', agentId: 'assistant' }

describe('dynamoAgentStore, whose items the transactions of others hold', () => {
  beforeEach(() => {
    dynamo.reset()
    dynamo
      .on(UpdateCommand)
      .rejectsOnce(new TransactionConflictException({ message: 'held', $metadata: {} }))
      .resolves({})
  })

  it('puts the next look at a busy gate off', async () => {
    await agents.postpone(key, { seenAt: 1, dueAt: 2 })

    expect(dynamo.commandCalls(UpdateCommand)).toHaveLength(2)
  })

  it('keeps the health of an agent that is being changed', async () => {
    await agents.setHealth(key, { health: 'healthy', detail: '', at: '2026-11-21T09:30:00.000Z' })

    expect(dynamo.commandCalls(UpdateCommand)).toHaveLength(2)
  })
})
