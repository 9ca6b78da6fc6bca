import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { sqsQueueDepths } from '#shared/messaging/sqs-queue-depths.ts'
import { newId } from '#shared/platform/ids.ts'
import '../../helpers/provided-context.ts'

const sqs = new SQSClient({ endpoint: inject('emulatorUrl') })

const create = async (QueueName: string): Promise<string> =>
  String((await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl)

/** All queues of a platform with one declared agent. */
async function platform() {
  const name = `p-${newId()}`
  const sources = ['ingress', 'work', 'agent-support', 'deliveries', 'connections', 'erasures']
  const names = [...sources.flatMap((each) => [each, `${each}-dlq`]), 'sweep-dlq', 'changes-dlq'].map((each) => `${name}-${each}`)
  const urls = new Map(await Promise.all(names.map(async (each) => [each, await create(each)] as const)))
  const urlOf = (purpose: string): string => String(urls.get(`${name}-${purpose}`))
  return { name, names, urlOf }
}

describe('QueueDepths on SQS', () => {
  afterAll(() => vi.unstubAllEnvs())
  beforeAll(() => {
    vi.stubEnv('AWS_ENDPOINT_URL', inject('emulatorUrl'))
  })

  it('knows every queue of the platform and what is in it', async () => {
    const { name, names, urlOf } = await platform()
    for (const body of ['one', 'two', 'three'])
      await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('work'), MessageBody: body }))
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('agent-support-dlq'), MessageBody: 'dead' }))
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('deliveries'), MessageBody: 'later', DelaySeconds: 600 }))
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: urlOf('work'), MaxNumberOfMessages: 1, VisibilityTimeout: 600 }))

    const queues = await sqsQueueDepths({ platform: name, queueUrl: urlOf('work'), declaredAgents: ['support'] }).list()

    expect(queues.map((queue) => queue.name).toSorted()).toEqual(names.toSorted())
    const busy = queues.filter(({ visible, inFlight, delayed }) => visible + inFlight + delayed > 0)
    const none = { visible: 0, inFlight: 0, delayed: 0 }
    expect(busy).toEqual([
      { name: `${name}-work`, purpose: 'work', deadLetters: false, ...none, visible: 2, inFlight: 1 },
      { name: `${name}-agent-support-dlq`, purpose: 'agent-support', deadLetters: true, ...none, visible: 1 },
      { name: `${name}-deliveries`, purpose: 'deliveries', deadLetters: false, ...none, delayed: 1 },
    ])
  })
})
