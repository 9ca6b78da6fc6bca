import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, afterEach, expect, it } from 'vitest'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'

const service = mockClient(SQSClient)
afterAll(() => service.restore())
afterEach(() => {
  service.reset()
})

const message = { QueueUrl: 'https://queue', MessageBody: 'body' }

it('sends each message', async () => {
  service.on(SendMessageCommand).resolves({ MessageId: 'm-1' })
  const send = sqsSender()

  await Promise.all([send(message), send({ ...message, MessageBody: 'other' })])

  expect(service.commandCalls(SendMessageCommand).map(({ args }) => args[0].input.MessageBody)).toEqual(['body', 'other'])
})

it('says as unavailable what may go away', async () => {
  service.on(SendMessageCommand).rejects(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))

  await expect(sqsSender()(message)).rejects.toMatchObject({ code: 'unavailable', retryable: true })
})

it('passes on what is our mistake', async () => {
  service
    .on(SendMessageCommand)
    .rejects(Object.assign(new Error('none'), { name: 'QueueDoesNotExist', $metadata: { httpStatusCode: 400 } }))

  await expect(sqsSender()(message)).rejects.toMatchObject({ name: 'QueueDoesNotExist' })
})

it('sends what SQS takes, whatever stands in the texts', async () => {
  service.on(SendMessageCommand).resolves({ MessageId: 'm-1' })
  const body = { correlationId: '\uFFFE\uFFFF é 😀' }

  await sqsSender()({ ...message, MessageBody: JSON.stringify(body) })

  const sent = String(service.commandCalls(SendMessageCommand)[0]?.args[0].input.MessageBody)
  expect(sent).not.toMatch(/[\uFFFE\uFFFF]/)
  expect(JSON.parse(sent)).toEqual(body)
})
