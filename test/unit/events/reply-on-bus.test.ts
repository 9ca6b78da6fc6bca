import { describe, expect, it } from 'vitest'
import { replyMessage, replyOnBus } from '#shared/events/reply-on-bus.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { isTooLarge } from '#shared/messaging/envelope-size.ts'
import { memoryMessageBus } from '#shared/messaging/memory-message-bus.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { MAX_ANSWER_BYTES, MAX_DEPTH } from '#shared/protocol/limits.ts'
import { anExecution } from '../../helpers/executions.ts'

const endedAt = '2026-11-21T09:30:03.500Z'
const anEnding = (overrides: Partial<ExecutionRecord> = {}): ExecutionRecord =>
  anExecution({
    executionId: 'e-1',
    status: 'completed',
    messageId: 'm-1',
    replyTo: 'answers',
    priority: 7,
    output: { text: 'A gate for water.' },
    endedAt,
    ...overrides,
  })

describe('replyMessage', () => {
  it('answers on the topic that the message named', () => {
    expect(replyMessage(anEnding())).toMatchObject({
      tenant: 'acme',
      envelope: {
        type: 'response',
        source: '/agents/assistant',
        time: endedAt,
        topic: 'answers',
        correlationId: 'm-1',
        priority: 7,
        parentId: 'e-1',
        rootId: 'e-1',
        depth: 1,
        data: { executionId: 'e-1', agent_id: 'assistant', status: 'completed', text: 'A gate for water.', timestamp: endedAt },
      },
    })
  })

  it('keeps the correlation and the chain that it belongs to', () => {
    const message = replyMessage(anEnding({ correlationId: 'c-1', rootId: 'e-0', depth: 3 }))

    expect(message?.envelope).toMatchObject({ correlationId: 'c-1', parentId: 'e-1', rootId: 'e-0', depth: 4 })
  })

  it('says what an agent in code returned', () => {
    const message = replyMessage(anEnding({ output: { text: '', data: { severity: 'high' } } }))

    expect(message?.envelope.data).toMatchObject({ data: { severity: 'high' } })
  })

  it.each(['failed', 'timed_out', 'cancelled', 'expired'] as const)('says that it %s', (status) => {
    const error = { code: 'timeout', detail: 'no end within 300 s' } as const

    const message = replyMessage(anEnding({ status, error, output: undefined }))

    expect(message?.envelope).toMatchObject({ type: 'error', data: { status, error } })
  })

  it('is the same message every time, and another one for each execution', () => {
    const idOf = (executionId: string) => replyMessage(anEnding({ executionId }))?.envelope.id

    expect(idOf('e-1')).toBe(idOf('e-1'))
    expect(idOf('e-1')).not.toBe(idOf('e-2'))
  })

  it.each([
    ['is too large', { text: '\u0000'.repeat(MAX_ANSWER_BYTES) }],
    ['is nested too deep', { text: '', data: JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) }],
  ])('leaves out an output that %s', (_what, output) => {
    const envelope = replyMessage(anEnding({ output }))?.envelope

    expect(envelope && isTooLarge(envelope)).toBe(false)
    expect(envelope?.data).toEqual({
      executionId: 'e-1',
      agent_id: 'assistant',
      status: 'completed',
      timestamp: endedAt,
      omitted: true,
    })
  })
})

describe('replyOnBus', () => {
  const stage = () => {
    const bus = memoryMessageBus()
    const logger = memoryLog()
    return { bus, logger, reply: replyOnBus({ bus, logger }) }
  }

  it('publishes the reply', async () => {
    const { bus, reply } = stage()

    await reply(anEnding())

    expect(bus.published).toMatchObject([{ tenant: 'acme', envelope: { topic: 'answers' } }])
  })

  it('sends nothing when nobody wants a reply', async () => {
    const { bus, reply } = stage()

    await reply(anEnding({ replyTo: undefined }))

    expect(bus.published).toEqual([])
  })

  it('ends a chain of agents that answer each other, and says so', async () => {
    const { bus, reply, logger } = stage()

    await reply(anEnding({ depth: MAX_DEPTH }))

    expect(bus.published).toEqual([])
    expect(logger.lines).toMatchObject([{ level: 'warn', code: 'reply_too_deep', fields: { executionId: 'e-1' } }])
  })

  it('fails when the bus does, so that the change comes again', async () => {
    const { bus, reply } = stage()
    bus.publish = () => Promise.reject(new Error('no answer'))

    await expect(reply(anEnding())).rejects.toThrow('no answer')
  })
})
