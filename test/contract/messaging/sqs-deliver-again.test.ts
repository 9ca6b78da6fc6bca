import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { sqsDeliverAgain } from '#shared/messaging/sqs-deliver-again.ts'
import { newId } from '#shared/platform/ids.ts'
import '../../helpers/provided-context.ts'

const sqs = new SQSClient({ endpoint: inject('emulatorUrl') })

/** A message that was received from a queue which hides it for an hour. */
async function aReceivedMessage() {
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: `hides-${newId()}`, Attributes: { VisibilityTimeout: '3600' } }),
  )
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }))
  const receive = async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }))).Messages?.[0]
  const received = await receive()
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  return { receive, message: { queueArn: String(Attributes?.QueueArn), receipt: String(received?.ReceiptHandle) } }
}

describe('DeliverAgain on SQS', () => {
  afterAll(() => vi.unstubAllEnvs())
  beforeAll(() => {
    vi.stubEnv('AWS_ENDPOINT_URL', inject('emulatorUrl'))
  })

  it('shows a hidden message when its time has come', async () => {
    const { receive, message } = await aReceivedMessage()

    await sqsDeliverAgain()(message, 1)

    expect(await receive()).toMatchObject({ Body: 'hello' })
  })

  it('says when the queue cannot be told', async () => {
    const { message } = await aReceivedMessage()

    await expect(sqsDeliverAgain()({ ...message, receipt: 'unknown' }, 1)).rejects.toMatchObject({
      name: 'ReceiptHandleIsInvalid',
    })
    await expect(sqsDeliverAgain()({ ...message, queueArn: `${message.queueArn}-gone` }, 1)).rejects.toMatchObject({
      name: expect.stringContaining('QueueDoesNotExist'),
    })
  })
})
