import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { deployStack, emulatorClientOptions, functionResource } from '../../helpers/emulator-stack.ts'

/** Takes every message but the bad ones, which it reports as failed items of the batch. */
const HANDLER = `
exports.handler = async ({ Records }) => ({
  batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({ itemIdentifier: messageId })),
})`

describe('queues of the emulator', () => {
  const endpoint = inject('emulatorUrl')
  const client = new SQSClient(emulatorClientOptions(endpoint))
  let queues: Record<string, string> = {}

  beforeAll(async () => {
    const RedrivePolicy = { deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] }, maxReceiveCount: 2 }
    queues = await deployStack(
      endpoint,
      {
        Function: functionResource(HANDLER),
        DeadLetters: { Type: 'AWS::SQS::Queue' },
        Work: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 1, RedrivePolicy } },
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': ['Work', 'Arn'] },
            FunctionName: { Ref: 'Function' },
            BatchSize: 10,
            FunctionResponseTypes: ['ReportBatchItemFailures'],
          },
        },
        Plain: { Type: 'AWS::SQS::Queue' },
      },
      { Work: { Ref: 'Work' }, DeadLetters: { Ref: 'DeadLetters' }, Plain: { Ref: 'Plain' } },
    )
  })

  async function receive(queueUrl: string | undefined) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        WaitTimeSeconds: 15,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
      }),
    )
    return Messages
  }

  it('take partial batch responses, and move what fails too often to the dead-letter queue', async () => {
    const Entries = ['good', 'bad', 'good'].map((MessageBody, index) => ({ Id: String(index), MessageBody }))
    await client.send(new SendMessageBatchCommand({ QueueUrl: queues.Work, Entries }))

    const dead = await receive(queues.DeadLetters)

    expect(dead.map(({ Body }) => Body)).toEqual(['bad'])
  })

  it('keep the message group of a standard queue', async () => {
    await client.send(new SendMessageCommand({ QueueUrl: queues.Plain, MessageBody: 'x', MessageGroupId: 'tenant' }))

    const [message] = await receive(queues.Plain)

    expect(message?.Attributes?.MessageGroupId).toBe('tenant')
  })

  it('cannot move dead letters by themselves: the redrive is our own code', async () => {
    const SourceArn = 'arn:aws:sqs:us-east-1:000000000000:contract'

    await expect(client.send(new StartMessageMoveTaskCommand({ SourceArn }))).rejects.toMatchObject({ name: 'InvalidAction' })
  })
})
