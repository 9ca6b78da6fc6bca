import { describe, expect, it } from 'vitest'
import type { Principal } from '#shared/access/principal.ts'
import { memoryMessageBus } from '#shared/messaging/memory-message-bus.ts'
import { publishMessage } from '#shared/messaging/publish-message.ts'
import { MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'
import { aTopic, messagingWorld } from '../../helpers/messaging.ts'

const ada: Principal = { subject: 'ada', tenant: 'acme', scopes: ['topics:publish'] }

function setup() {
  const clock = { now: () => Date.parse('2026-11-21T09:30:00Z') }
  const { topicStore, topicSchemas } = messagingWorld(clock)
  return { bus: memoryMessageBus(), topicStore, topicSchemas, clock }
}

describe('publishMessage', () => {
  it('fills in what the sender left out', async () => {
    const dependencies = setup()

    const answer = await publishMessage(dependencies, ada, 'questions', { data: { content: 'Why?' } })

    expect(dependencies.bus.published).toEqual([
      {
        tenant: 'acme',
        envelope: {
          specversion: '1.0',
          id: answer.messageId,
          type: 'message',
          source: '/principals/ada',
          time: '2026-11-21T09:30:00.000Z',
          topic: 'questions',
          data: { content: 'Why?' },
        },
      },
    ])
    expect(answer.topic).toBe('questions')
  })

  it('keeps what the sender says, but for who he is', async () => {
    const dependencies = setup()
    const message = {
      id: 'm-1',
      type: 'question',
      time: '2026-11-20T08:00:00Z',
      subject: 'physics',
      priority: 7,
      source: '/principals/bob',
      data: 1,
    }

    await publishMessage(dependencies, ada, 'questions', message)

    expect(dependencies.bus.published[0]?.envelope).toEqual({
      ...message,
      specversion: '1.0',
      topic: 'questions',
      source: '/principals/ada',
    })
  })

  it('writes any subject as a URI reference', async () => {
    const dependencies = setup()

    await publishMessage(dependencies, { ...ada, subject: '../ada lovelace' }, 'questions', { data: 1 })

    expect(dependencies.bus.published[0]?.envelope.source).toBe('/principals/..%2Fada%20lovelace')
  })

  it('makes the same id of the same key, for one caller and topic', async () => {
    const dependencies = setup()
    const publish = (principal: Principal, topic: string, idempotencyKey?: string) =>
      publishMessage(dependencies, principal, topic, { data: 1 }, { idempotencyKey })

    const first = await publish(ada, 'questions', 'key-1')
    const again = await publish(ada, 'questions', 'key-1')
    const others = await Promise.all([
      publish(ada, 'questions', 'key-2'),
      publish(ada, 'answers', 'key-1'),
      publish({ ...ada, subject: 'bob' }, 'questions', 'key-1'),
      publish({ ...ada, tenant: 'globex' }, 'questions', 'key-1'),
      publish(ada, 'questions'),
      publish(ada, 'questions'),
    ])

    expect(again).toEqual(first)
    expect(new Set([first, ...others].map(({ messageId }) => messageId)).size).toBe(7)
  })

  it('refuses data that does not fit the schema of the topic, and says where', async () => {
    const dependencies = setup()
    await dependencies.topicStore.put('acme', aTopic())

    await expect(publishMessage(dependencies, ada, 'questions', { data: {} })).rejects.toMatchObject({
      code: 'validation_error',
      fields: [{ path: 'data', message: expect.stringContaining('content') }],
    })
    expect(dependencies.bus.published).toEqual([])
  })

  it('refuses what is too large', async () => {
    const dependencies = setup()

    await expect(publishMessage(dependencies, ada, 'questions', { data: 'x'.repeat(MAX_MESSAGE_BYTES) })).rejects.toMatchObject({
      code: 'payload_too_large',
    })
    expect(dependencies.bus.published).toEqual([])
  })
})
