import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect, inject, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import type { ConnectionTask } from '#shared/streams/connection-task-queue.ts'
import { parseConnectionTask } from '#shared/streams/parse-connection-task.ts'
import { sqsConnectionTaskQueue } from '#shared/streams/sqs-connection-task-queue.ts'
import '../../helpers/provided-context.ts'
import { receiveFrom } from '../../helpers/receive-from.ts'

const client = new SQSClient({ endpoint: inject('emulatorUrl') })

async function newQueue() {
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: `connections-${newId()}` }))
  const queueUrl = String(QueueUrl)
  const queue = sqsConnectionTaskQueue(async (message) => {
    await client.send(new SendMessageCommand(message))
  }, queueUrl)
  return { queueUrl, queue }
}

const send: ConnectionTask = { task: 'send', tenant: 'acme', channel: 'execution:e1', shard: 2 }
const requireIdentity: ConnectionTask = { task: 'require_identity', connectionId: 'c1' }

const tasks: { task: ConnectionTask; group: string }[] = [
  { task: send, group: 'acme' },
  { task: { task: 'open', connectionId: 'c1' }, group: 'c1' },
  { task: requireIdentity, group: 'strangers' },
  {
    task: { task: 'broadcast', tenant: 'acme', connectionIds: ['c1', 'c2'], frame: '{"message_type":"broadcast"}' },
    group: 'acme',
  },
]

describe('ConnectionTaskQueue on SQS', () => {
  it.each(tasks)('brings $task.task to its consumer, in the group $group', async ({ task, group }) => {
    const { queue, queueUrl } = await newQueue()

    await queue.send([task])

    const [message] = await receiveFrom(client, queueUrl)
    expect(parseConnectionTask(String(message?.Body))).toEqual(task)
    expect(message?.Attributes?.MessageGroupId).toBe(group)
  })

  it('holds back what is not due', async () => {
    const { queue, queueUrl } = await newQueue()

    await queue.send([requireIdentity], 900)
    await queue.send([send])

    const [message] = await receiveFrom(client, queueUrl)
    expect(parseConnectionTask(String(message?.Body))).toEqual(send)
  })
})

describe('parseConnectionTask', () => {
  it.each([
    'no JSON',
    '{"task":"send","tenant":"acme","channel":"execution:e1","shard":0}',
    '{"task":"send","channel":"execution:e1","shard":1}',
    '{"task":"delete_everything"}',
  ])('refuses %s', (body) => {
    expect(() => parseConnectionTask(body)).toThrow(expect.objectContaining({ code: 'validation_error' }))
  })
})
