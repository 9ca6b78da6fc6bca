import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { parseWorkItem } from '#shared/messaging/parse-work-item.ts'
import { sqsDeadLetterQueue } from '#shared/messaging/sqs-dead-letter-queue.ts'
import type { SqsSender } from '#shared/messaging/sqs-sender.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import { newId } from '#shared/platform/ids.ts'
import { agentQueueName, workQueueName } from '#shared/platform/names.ts'
import '../../helpers/provided-context.ts'
import { receiveFrom } from '../../helpers/receive-from.ts'
import { aRecord } from '../../helpers/sqs-events.ts'

const client = new SQSClient({ endpoint: inject('emulatorUrl') })
const send: SqsSender = async (message) => {
  await client.send(new SendMessageCommand(message))
}

async function newQueue(QueueName = `queue-${newId()}`): Promise<string> {
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName }))
  return String(QueueUrl)
}

describe('queues on SQS', () => {
  let queueUrl: string
  beforeAll(async () => {
    queueUrl = await newQueue()
  })

  it('bring a work item to its consumer, in the group of its tenant', async () => {
    await sqsWorkQueue(send, queueUrl).send({ tenant: 'acme', executionId: 'e-1' })

    const [message] = await receiveFrom(client, queueUrl)

    expect(parseWorkItem(String(message?.Body))).toEqual({ tenant: 'acme', executionId: 'e-1' })
    expect(message?.Attributes?.MessageGroupId).toBe('acme')
  })

  it('bring the work of a declared agent to its own queue, beside the work queue', async () => {
    const platform = `sluice-${newId()}`
    const work = await newQueue(workQueueName(platform))
    const own = await newQueue(agentQueueName(platform, 'support'))
    const queue = sqsWorkQueue(send, work)

    await queue.send({ tenant: 'acme', executionId: 'e-1', agentId: 'support', worker: 'support', admit: true }, 0)
    await queue.register({ tenant: 'acme', agentId: 'support', register: true })

    const messages = [...(await receiveFrom(client, own)), ...(await receiveFrom(client, own))]
    const bodies = messages.map(({ Body }) => parseWorkItem(String(Body)))
    expect(bodies).toContainEqual({ tenant: 'acme', executionId: 'e-1', agentId: 'support', worker: 'support', admit: true })
    expect(bodies).toContainEqual({ tenant: 'acme', agentId: 'support', register: true })
  })

  it('keep a dead letter as it came, and why', async () => {
    const deadLetters = await newQueue()
    const detail = `no "topic"\u0000 \ud800 ${'x'.repeat(2_000)}`

    const record = aRecord('{"broken', { tenant: 'acme', topic: 'questions' })
    await sqsDeadLetterQueue(send, deadLetters).send(record, { code: 'validation_error', detail })

    const [message] = await receiveFrom(client, deadLetters)
    expect(message?.Body).toBe('{"broken')
    expect(message?.MessageAttributes?.code?.StringValue).toBe('validation_error')
    expect(message?.MessageAttributes?.detail?.StringValue).toMatch(/^no "topic"\uFFFD \uFFFD x+$/)
    expect(message?.MessageAttributes?.tenant?.StringValue).toBe('acme')
    expect(message?.MessageAttributes?.topic?.StringValue).toBe('questions')
    expect(message?.MessageAttributes?.messageId?.StringValue).toBe(record.messageId)
  })
})
