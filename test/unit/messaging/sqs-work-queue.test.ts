import { describe, expect, it } from 'vitest'
import type { SqsSender } from '#shared/messaging/sqs-sender.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { agentQueueName, workQueueName } from '#shared/platform/names.ts'

const HOST = 'https://sqs.us-east-1.amazonaws.com/123456789012'
const ITEM = { tenant: 'acme', executionId: 'e1', agentId: 'support' }

function setUp() {
  const messages: Parameters<SqsSender>[0][] = []
  const queue = sqsWorkQueue(async (message) => void messages.push(message), `${HOST}/${workQueueName('sluice-dev')}`)
  return { queue, messages }
}

describe('sqsWorkQueue', () => {
  it('sends an item at once, in the group of its tenant', async () => {
    const { queue, messages } = setUp()

    await queue.send(ITEM)

    expect(messages).toEqual([
      { QueueUrl: `${HOST}/${workQueueName('sluice-dev')}`, MessageGroupId: 'acme', MessageBody: JSON.stringify(ITEM) },
    ])
  })

  it('delays an item that waits for its next attempt, and says that it has no slot', async () => {
    const { queue, messages } = setUp()

    await queue.send({ ...ITEM, admit: true }, 30)

    expect(messages).toMatchObject([{ DelaySeconds: 30, MessageBody: JSON.stringify({ ...ITEM, admit: true }) }])
  })

  it.each(['QueueDoesNotExist', 'AccessDenied'])(
    'sends the work of an agent that is not deployed any more to the shared worker: %s',
    async (name) => {
      const messages: Parameters<SqsSender>[0][] = []
      const shared = `${HOST}/${workQueueName('sluice-dev')}`
      const send: SqsSender = async (message) => {
        if (message.QueueUrl !== shared) throw Object.assign(new Error('none'), { name })
        messages.push(message)
      }
      const item = { ...ITEM, worker: 'gone' }

      await sqsWorkQueue(send, shared).send(item, 5)

      expect(messages).toMatchObject([{ QueueUrl: shared, DelaySeconds: 5 }])
      expect(JSON.parse(String(messages[0]?.MessageBody))).toEqual(item)
      await expect(sqsWorkQueue(send, shared).register({ tenant: 'acme', agentId: 'gone', register: true })).rejects.toThrow(
        'none',
      )
    },
  )

  it('sends nothing elsewhere because a queue cannot be reached now', async () => {
    const send: SqsSender = () => Promise.reject(new SluiceError('unavailable', 'the queue is not available now'))

    const sent = sqsWorkQueue(send, `${HOST}/${workQueueName('sluice-dev')}`).send({ ...ITEM, worker: 'support' })

    await expect(sent).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('sends the work of a declared agent to the queue of its own', async () => {
    const { queue, messages } = setUp()

    await queue.send({ ...ITEM, worker: 'support' })

    expect(messages).toMatchObject([{ QueueUrl: `${HOST}/${agentQueueName('sluice-dev', 'support')}` }])
  })
})
