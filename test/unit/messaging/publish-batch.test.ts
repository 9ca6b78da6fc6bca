import { describe, expect, it } from 'vitest'
import type { Principal } from '#shared/access/principal.ts'
import type { MessageBus } from '#shared/messaging/message-bus.ts'
import { publishBatch } from '#shared/messaging/publish-batch.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { aTopic, LARGE_DATA, messagingWorld } from '../../helpers/messaging.ts'

const ada: Principal = { subject: 'ada', tenant: 'acme', scopes: ['topics:publish'] }

function setup(bus?: Partial<MessageBus>) {
  const clock = { now: () => Date.parse('2026-11-21T09:30:00Z') }
  const world = messagingWorld(clock)
  return { ...world, clock, bus: { ...world.bus, ...bus } }
}

const publish = (dependencies: ReturnType<typeof setup>, entries: unknown[], idempotencyKey?: string) =>
  publishBatch(dependencies, ada, 'questions', entries, { idempotencyKey })

describe('publishBatch', () => {
  it('publishes all, in their order, in the name of the caller', async () => {
    const world = setup()

    const outcomes = await publish(world, [
      { id: 'm1', data: 1 },
      { data: 2, source: '/principals/bob' },
    ])

    expect(world.sent.published.map(({ tenant, envelope }) => [tenant, envelope.source, envelope.topic, envelope.data])).toEqual([
      ['acme', '/principals/ada', 'questions', 1],
      ['acme', '/principals/ada', 'questions', 2],
    ])
    expect(outcomes).toEqual(world.sent.published.map(({ envelope }) => ({ result: 'accepted', messageId: envelope.id })))
    expect(outcomes[0]).toMatchObject({ messageId: 'm1' })
  })

  it('refuses each for its own reason, and takes the others', async () => {
    const world = setup()
    await world.topicStore.put('acme', aTopic())

    const outcomes = await publish(world, [
      { data: { content: 'Why?' } },
      { data: { content: 7 } },
      'no message',
      { data: { content: 'How?' }, parentId: 'e1', depth: 0 },
      { data: { content: 'x'.repeat(MAX_REFERENCED_BYTES) } },
      { data: LARGE_DATA },
    ])

    expect(outcomes.map((outcome) => (outcome.result === 'refused' ? outcome.error.code : 'accepted'))).toEqual([
      'accepted',
      'validation_error',
      'validation_error',
      'validation_error',
      'payload_too_large',
      'accepted',
    ])
    expect(outcomes[1]).toMatchObject({ error: { fields: [{ path: 'data.content' }] } })
    expect(world.sent.published.map(({ envelope }) => envelope.dataref !== undefined)).toEqual([false, true])
  })

  it('says of each what the bus said of it', async () => {
    const throttled = new SluiceError('unavailable', 'throttled')
    const world = setup({
      publishAll: async (messages) =>
        messages.map((_, index) => (index === 1 ? { result: 'refused', error: throttled } : { result: 'accepted' })),
    })

    expect(await publish(world, [{ data: 1 }, 'no message', { data: 2 }, { data: 3 }])).toMatchObject([
      { result: 'accepted' },
      { result: 'refused', error: { code: 'validation_error' } },
      { result: 'refused', error: { code: 'unavailable' } },
      { result: 'accepted' },
    ])
  })

  it('makes the same ids of the same key, another one at each place', async () => {
    const world = setup()
    const entries = [{ data: 1 }, { data: 1 }]

    const first = await publish(world, entries, 'key-1')

    expect(await publish(world, entries, 'key-1')).toEqual(first)
    expect(first[0]).not.toEqual(first[1])
    expect(await publish(world, entries, 'key-2')).not.toEqual(first)
  })

  it('stops checking when an answer is due', async () => {
    const world = setup()
    await world.topicStore.put('acme', aTopic({ schema: {} }))
    let now = world.clock.now()
    const clock = { now: () => (now += 4_000) }

    const outcomes = await publishBatch({ ...world, clock }, ada, 'questions', [
      { data: 1 },
      { data: 2 },
      { data: 3 },
      { data: 4 },
    ])

    expect(outcomes[0]).toMatchObject({ result: 'accepted' })
    expect(outcomes.at(-1)).toMatchObject({ result: 'refused', error: { code: 'timeout', retryable: true } })
  })
})
