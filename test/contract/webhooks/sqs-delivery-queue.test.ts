import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect, inject, it } from 'vitest'
import type { SqsSender } from '#shared/messaging/sqs-sender.ts'
import { newId } from '#shared/platform/ids.ts'
import { parseDelivery } from '#shared/webhooks/delivery.ts'
import { sqsDeliveryQueue } from '#shared/webhooks/sqs-delivery-queue.ts'
import '../../helpers/provided-context.ts'
import { receiveFrom } from '../../helpers/receive-from.ts'
import { aCallback, aWebhookDelivery } from '../../helpers/webhooks.ts'

const client = new SQSClient({ endpoint: inject('emulatorUrl') })
const send: SqsSender = async (message) => {
  await client.send(new SendMessageCommand(message))
}

async function newQueue() {
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: `deliveries-${newId()}` }))
  const queueUrl = String(QueueUrl)
  return { queueUrl, queue: sqsDeliveryQueue(send, queueUrl) }
}

describe('DeliveryQueue on SQS', () => {
  it.each([aCallback(), aWebhookDelivery({ attempt: 3, notBefore: 1_795_253_400_000 })])(
    'brings a $kind to its consumer, in the group of its tenant',
    async (delivery) => {
      const { queue, queueUrl } = await newQueue()

      await queue.enqueue(delivery)

      const [message] = await receiveFrom(client, queueUrl)
      expect(parseDelivery(String(message?.Body))).toEqual(delivery)
      expect(message?.Attributes?.MessageGroupId).toBe('acme')
    },
  )

  it('holds back what is not due', async () => {
    const { queue, queueUrl } = await newQueue()
    const [later, now] = [aCallback(), aCallback()]

    await queue.enqueue(later, 900)
    await queue.enqueue(now)

    const [message] = await receiveFrom(client, queueUrl)
    expect(parseDelivery(String(message?.Body))).toEqual(now)
  })
})
