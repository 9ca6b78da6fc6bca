import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { decodeIngressRecord } from '#shared/messaging/decode-ingress-record.ts'
import { parseWorkItem } from '#shared/messaging/parse-work-item.ts'
import { sqsDeadLetterQueue } from '#shared/messaging/sqs-dead-letter-queue.ts'
import { sqsDeadLetters } from '#shared/messaging/sqs-dead-letters.ts'
import { newId } from '#shared/platform/ids.ts'
import { agentQueueName, deadLetterQueueName, ingressQueueName, workQueueName } from '#shared/platform/names.ts'
import { never } from '../../helpers/llm.ts'
import '../../helpers/provided-context.ts'
import { receiveFrom } from '../../helpers/receive-from.ts'
import { aRecord } from '../../helpers/sqs-events.ts'

const sqs = new SQSClient({ endpoint: inject('emulatorUrl') })

/** The queues of a platform with one declared agent. */
async function platform() {
  const name = `platform-${newId()}`
  const create = async (QueueName: string): Promise<string> =>
    String((await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl)
  const pair = async (queueName: string) => ({
    queue: await create(queueName),
    letters: await create(deadLetterQueueName(queueName)),
  })
  const urls = {
    ingress: await pair(ingressQueueName(name)),
    work: await pair(workQueueName(name)),
    support: await pair(agentQueueName(name, 'support')),
  }
  const send = async (queueUrl: string, body: string, attributes: Record<string, string> = {}) => {
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([key, StringValue]) => [key, { DataType: 'String', StringValue }]),
    )
    const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, MessageAttributes }))
    return String(MessageId)
  }
  const deadLetters = sqsDeadLetters({ platform: name, queueUrl: urls.work.queue, declaredAgents: ['support'] })
  return { urls, send, deadLetters }
}

const visibleIn = async (QueueUrl: string): Promise<number> => {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  )
  return Number(Attributes?.ApproximateNumberOfMessages)
}

describe('DeadLetters on SQS', () => {
  afterAll(() => vi.unstubAllEnvs())
  beforeAll(() => {
    vi.stubEnv('AWS_ENDPOINT_URL', inject('emulatorUrl'))
  })

  it('know the queues of the platform and of its agents', async () => {
    const { deadLetters } = await platform()

    expect(deadLetters.queues).toEqual(['ingress', 'work', 'agent-support'])
  })

  it('hide what they hand out, until it is shown again', async () => {
    const { deadLetters, urls, send } = await platform()
    const id = await send(urls.support.letters, 'body', { tenant: 'acme' })

    const letters = await deadLetters.receive('agent-support', never())
    expect(letters).toMatchObject([{ queue: 'agent-support', id, body: 'body', attributes: { tenant: { StringValue: 'acme' } } }])
    expect(letters[0]?.sentAt).toBeGreaterThan(Date.now() - 60_000)
    expect(await deadLetters.receive('agent-support', never())).toEqual([])

    await deadLetters.release(letters)
    expect(await deadLetters.receive('agent-support', never())).toMatchObject([{ id, receiveCount: 2 }])
  })

  it('show more again than one call can', async () => {
    const { deadLetters, urls, send } = await platform()
    await Promise.all(Array.from({ length: 23 }, (_none, index) => send(urls.work.letters, String(index))))
    const letters = []
    for (
      let batch = await deadLetters.receive('work', never());
      batch.length > 0;
      batch = await deadLetters.receive('work', never())
    ) {
      letters.push(...batch)
    }
    expect(letters).toHaveLength(23)

    await deadLetters.release(letters)

    expect(await visibleIn(urls.work.letters)).toBe(23)
  })

  it('send back what dispatch refused as the same message, without the reason', async () => {
    const { deadLetters, urls } = await platform()
    const record = aRecord({ question: 'why?' }, { tenant: 'acme', topic: 'questions', colour: 'blue' })
    const refuse = sqsDeadLetterQueue(
      async (message) => void (await sqs.send(new SendMessageCommand(message))),
      urls.ingress.letters,
    )
    await refuse.send(record, { code: 'not_found', detail: 'no such agent' })
    const [letter] = await deadLetters.receive('ingress', never())
    if (!letter) throw new Error('no letter')

    await deadLetters.sendBack(letter, 'acme')
    await deadLetters.remove(letter)

    const { Messages: [message] = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: urls.ingress.queue,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
        WaitTimeSeconds: 5,
      }),
    )
    const attributes = Object.fromEntries(
      Object.entries(message?.MessageAttributes ?? {}).map(([name, { StringValue = '' }]) => [name, StringValue]),
    )
    expect(attributes).toEqual({ tenant: 'acme', topic: 'questions', colour: 'blue', messageId: record.messageId })
    expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '1', MessageGroupId: 'acme' })
    const again = { ...aRecord(String(message?.Body), attributes), messageId: String(message?.MessageId) }
    expect(decodeIngressRecord(again, 'default')).toEqual(decodeIngressRecord(record, 'default'))
    expect(await visibleIn(urls.ingress.letters)).toBe(0)
  })

  it.each(['work', 'agent-support'] as const)(
    'send the work of %s back to its own queue, under the same execution',
    async (queue) => {
      const { deadLetters, urls, send } = await platform()
      const { letters, queue: source } = queue === 'work' ? urls.work : urls.support
      const item = { tenant: 'acme', executionId: 'e-1', agentId: 'support' }
      await send(letters, JSON.stringify(item))
      const [letter] = await deadLetters.receive(queue, never())
      if (!letter) throw new Error('no letter')

      await deadLetters.sendBack(letter, 'acme')

      const [message] = await receiveFrom(sqs, source)
      expect(parseWorkItem(String(message?.Body))).toEqual(item)
    },
  )

  it('give a message that its queue gave up on the id that it had there', async () => {
    const { deadLetters, urls, send } = await platform()
    const sender = Object.fromEntries(Array.from({ length: 8 }, (_none, index) => [`a${index}`, 'x']))
    const id = await send(urls.ingress.letters, '"raw"', { ...sender, tenant: 'acme', topic: 'questions' })
    const [letter] = await deadLetters.receive('ingress', never())
    if (!letter) throw new Error('no letter')

    await deadLetters.sendBack(letter, 'acme')

    const [message] = await receiveFrom(sqs, urls.ingress.queue)
    const attributes = message?.MessageAttributes ?? {}
    expect(Object.keys(attributes)).toHaveLength(10)
    expect(attributes).toMatchObject({
      messageId: { StringValue: id },
      tenant: { StringValue: 'acme' },
      topic: { StringValue: 'questions' },
    })
  })

  it('fail where there is no queue', async () => {
    const queueUrl = `${inject('emulatorUrl')}/000000000000/none-work`
    const nowhere = sqsDeadLetters({ platform: 'none', queueUrl, declaredAgents: [] })

    await expect(nowhere.receive('work', never())).rejects.toMatchObject({ name: 'QueueDoesNotExist' })
  })
})
