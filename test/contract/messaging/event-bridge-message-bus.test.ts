import { CreateEventBusCommand, EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect, inject, it } from 'vitest'
import { decodeIngressRecord } from '#shared/messaging/decode-ingress-record.ts'
import { eventBridgeMessageBus } from '#shared/messaging/event-bridge-message-bus.ts'
import { newId } from '#shared/platform/ids.ts'
import { MESSAGE_SOURCE } from '#shared/platform/names.ts'
import '../../helpers/provided-context.ts'
import { receiveFrom } from '../../helpers/receive-from.ts'

const sqs = new SQSClient({ endpoint: inject('emulatorUrl') })
const eventBridge = new EventBridgeClient({ endpoint: inject('emulatorUrl') })

/** A bus with the rule of the app: everything with our source goes to the queue. */
async function busWithQueue() {
  const name = `bus-${newId()}`
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }))
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  await eventBridge.send(new CreateEventBusCommand({ Name: name }))
  await eventBridge.send(
    new PutRuleCommand({ Name: 'messages', EventBusName: name, EventPattern: JSON.stringify({ source: [MESSAGE_SOURCE] }) }),
  )
  await eventBridge.send(
    new PutTargetsCommand({ Rule: 'messages', EventBusName: name, Targets: [{ Id: 'queue', Arn: Attributes?.QueueArn }] }),
  )
  return { name, queueUrl: String(QueueUrl) }
}

const envelope = {
  specversion: '1.0' as const,
  id: 'm-1',
  type: 'question',
  source: '/principals/ada',
  time: '2026-11-21T09:30:00.000Z',
  topic: 'questions',
  data: { content: 'Why – ¿?', nested: [1, null, { deep: true }] },
}

describe('MessageBus on EventBridge', () => {
  it('brings a message to the queue as it was published', async () => {
    const { name, queueUrl } = await busWithQueue()

    await eventBridgeMessageBus(eventBridge, name).publish({ tenant: 'acme', envelope })

    const [message] = await receiveFrom(sqs, queueUrl)
    const record = {
      messageId: String(message?.MessageId),
      body: String(message?.Body),
      attributes: { SentTimestamp: String(message?.Attributes?.SentTimestamp) },
      messageAttributes: {},
    }
    expect(decodeIngressRecord(record, 'default')).toEqual({ tenant: 'acme', envelope })
  })
})
