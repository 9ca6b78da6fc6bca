import { describe, expect, it } from 'vitest'
import { memoryMessageBus } from '#shared/messaging/memory-message-bus.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { MAX_DEPTH } from '#shared/protocol/limits.ts'
import { agentMessages } from '#shared/runtime/agent-messages.ts'
import { trackEffects } from '#shared/runtime/effects.ts'
import { anExecution, memoryWorld } from '../../helpers/executions.ts'
import { never } from '../../helpers/llm.ts'

const clock = { now: () => Date.parse('2026-11-21T09:30:00.000Z') }

function sender(overrides: Parameters<typeof anExecution>[0] = {}, bus = memoryMessageBus()) {
  const record = anExecution({ executionId: 'e-1', agentId: 'support', messageId: 'm-1', ...overrides })
  const effects = trackEffects(0, never())
  const { agents } = memoryWorld(clock)
  return { bus, effects, ...agentMessages({ agents, bus, clock }, record, effects) }
}

describe('messages of an agent', () => {
  it('are sent in its name and its tenant, as children of the execution', async () => {
    const { bus, publish, send } = sender({ rootId: 'e-0', depth: 2 })

    await publish('tickets.high', { id: 1 }, { type: 'ticket', priority: 9 })
    await send('chat', 'hello')

    const links = { source: '/agents/support', parentId: 'e-1', rootId: 'e-0', depth: 3, time: '2026-11-21T09:30:00.000Z' }
    expect(bus.published).toMatchObject([
      { tenant: 'acme', envelope: { ...links, topic: 'tickets.high', type: 'ticket', priority: 9, data: { id: 1 } } },
      { tenant: 'acme', envelope: { ...links, to: 'chat', type: 'message', data: 'hello' } },
    ])
  })

  it('have the same ids when the attempt is made again, whatever they say', async () => {
    const idsOf = async (data: unknown) => {
      const { publish, send, reply } = sender({ replyTo: 'answers' })
      return [await publish('a', data), await send('b', data), await reply(data), await publish('a', data)]
    }

    const first = await idsOf('once')

    expect(await idsOf('twice')).toEqual(first)
    expect(new Set(first).size).toBe(4)
  })

  it('cannot be forged by their options', async () => {
    const { bus, publish } = sender()
    const links = { parentId: 'x', rootId: 'x', depth: 0, dataref: 'T/umbrella/x' }
    const forged = {
      type: 'ticket',
      id: 'mine',
      source: '/agents/admin',
      topic: 'other',
      to: 'chat',
      tenant: 'umbrella',
      ...links,
    }

    await publish('tickets', 'x', forged)

    const [message] = bus.published
    expect(message?.tenant).toBe('acme')
    expect(message?.envelope).toMatchObject({ source: '/agents/support', topic: 'tickets', rootId: 'e-1', depth: 1 })
    expect(message?.envelope.id).not.toBe('mine')
    expect(message?.envelope.parentId).toBe('e-1')
    expect(message?.envelope.to).toBeUndefined()
    expect(message?.envelope.dataref).toBeUndefined()
  })

  it('answer whoever asked, by the id of the question', async () => {
    const { bus, reply } = sender({ replyTo: 'answers' })

    await reply({ text: 'yes' })

    expect(bus.published).toMatchObject([{ envelope: { topic: 'answers', correlationId: 'm-1', type: 'reply' } }])
  })

  it('answer nobody when nobody asked', async () => {
    const { bus, reply } = sender()

    expect(await reply('yes')).toBeUndefined()
    expect(bus.published).toEqual([])
  })

  it('end with the chain of executions', async () => {
    const { bus, publish } = sender({ depth: MAX_DEPTH })

    await expect(publish('loop', 'x')).rejects.toMatchObject({ code: 'depth_exceeded', retryable: false })
    expect(bus.published).toEqual([])
  })

  it.each([
    ['a topic that is none', 'not a topic', 'x'],
    ['data that is no JSON', 'topic', { when: new Date() }],
  ])('are refused with %s', async (_, topic, data) => {
    await expect(sender().publish(topic, data)).rejects.toMatchObject({ code: 'validation_error' })
  })

  it('that the bus does not take fail the execution, though nobody waited for them', async () => {
    const bus = memoryMessageBus()
    bus.publish = () => Promise.reject(new SluiceError('unavailable', 'the bus is away'))
    const { publish, effects } = sender({}, bus)

    void publish('tickets', 'x')

    await expect(effects.settle()).rejects.toMatchObject({ code: 'unavailable' })
  })
})
