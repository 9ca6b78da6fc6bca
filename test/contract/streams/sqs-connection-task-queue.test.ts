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

const tasks: ConnectionTask[] = [
  { task: 'send', tenant: 'acme', channel: 'execution:e1', shard: 2 },
  { task: 'require_identity', connectionId: 'c1' },
  { task: 'broadcast', tenant: 'acme', connectionIds: ['c1', 'c2'], frame: '{"message_type":"broadcast"}' },
]

describe('ConnectionTaskQueue on SQS', () => {
  it.each(tasks)('brings $task to its consumer, in the group of whom it is for', async (task) => {
    const { queue, queueUrl } = await newQueue()

    await queue.send([task])

    const [message] = await receiveFrom(client, queueUrl)
    expect(parseConnectionTask(String(message?.Body))).toEqual(task)
    expect(message?.Attributes?.MessageGroupId).toBe('tenant' in task ? 'acme' : 'c1')
  })

  it('holds back what is not due', async () => {
    const { queue, queueUrl } = await newQueue()

    await queue.send(tasks.slice(1, 2), 900)
    await queue.send(tasks.slice(0, 1))

    const [message] = await receiveFrom(client, queueUrl)
    expect(parseConnectionTask(String(message?.Body))).toEqual(tasks[0])
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
