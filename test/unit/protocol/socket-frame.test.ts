import { describe, expect, it } from 'vitest'
import { clientFrameSchema, serverFrameSchema } from '#shared/protocol/socket-frame.ts'

const subscribe = (payload: unknown) => ({ message_type: 'subscribe', payload })
const request = (payload: Record<string, unknown>) => ({
  message_type: 'agent_request',
  payload: { agentId: 'assistant', input: { content: 'Hi' }, ...payload },
})

const chunk = { executionId: 'e-1', agentId: 'assistant', attempt: 1, sequence: 3, time: '2026-11-21T09:30:00Z' }
const realtime = (...events: unknown[]) => ({
  message_type: 'realtime_event',
  payload: { channel: 'execution:e-1', subscription: 's-1', events },
})

describe('client frames', () => {
  it.each([
    ['a channel', subscribe({ channel: 'execution:e-1' })],
    ['a channel from a cursor', subscribe({ channel: 'execution:e-1', after: 41 })],
    ['a channel from the start', subscribe({ channel: 'execution:e-1', after: -1 })],
    ['a topic', { ...subscribe({ topic: 'news' }), id: 'f-1' }],
    ['the end of a subscription', { message_type: 'unsubscribe', payload: { topic: 'news' } }],
    ['a request', request({ idempotencyKey: 'k', subscribe: false })],
    ['a request with all it can say', request({ priority: 9, ttlSeconds: 60, timeoutSeconds: 5, retry: { maxAttempts: 1 } })],
    ['a cancel', { message_type: 'cancel', id: 'f-2', payload: { executionId: 'e-1' } }],
    ['a ping', { message_type: 'ping' }],
    ['a ping with a payload', { message_type: 'ping', payload: { at: 1 } }],
  ])('accept %s', (_what, frame) => {
    expect(clientFrameSchema.parse(frame)).toEqual(frame)
  })

  it.each([
    ['both a channel and a topic', subscribe({ channel: 'topic:news', topic: 'news' })],
    ['neither', subscribe({})],
    ['a cursor below -1', subscribe({ topic: 'news', after: -2 })],
    ['half a cursor', subscribe({ topic: 'news', after: 0.5 })],
    ['a tenant', subscribe({ topic: 'news', tenant: 'acme' })],
    ['an unsubscription from nothing', { message_type: 'unsubscribe', payload: {} }],
    ['a request without an agent', request({ agentId: undefined })],
    ['a priority that there is not', request({ priority: 11 })],
    ['a field that a request does not have', request({ tenant: 'acme' })],
    ['a cancel without an execution', { message_type: 'cancel', payload: {} }],
    ['an unknown type', { message_type: 'shout', payload: {} }],
    ['no type', { payload: {} }],
  ])('refuse %s', (_what, frame) => {
    expect(clientFrameSchema.safeParse(frame).success).toBe(false)
  })
})

describe('server frames', () => {
  it.each([
    [
      'tokens',
      realtime(
        { ...chunk, type: 'content_chunk', data: { text: 'Hel' } },
        { ...chunk, sequence: 4, type: 'content_chunk', data: { text: 'lo' } },
      ),
    ],
    [
      'the end with its proof',
      realtime({ ...chunk, type: 'completed', data: { stopReason: 'stop', events: 4, sha256: 'a'.repeat(64) } }),
    ],
  ])('carry %s', (_what, frame) => {
    expect(serverFrameSchema.parse(frame)).toEqual(frame)
  })

  it.each([
    ['no event at all', realtime()],
    ['a terminal event without its hash', realtime({ ...chunk, type: 'completed', data: { stopReason: 'stop', events: 4 } })],
    [
      'a failure with an unknown code',
      realtime({ ...chunk, type: 'failed', data: { code: 'oops', detail: '', events: 4, sha256: 'a'.repeat(64) } }),
    ],
    ['an event without a place in the stream', realtime({ type: 'content_chunk', data: { text: 'x' } })],
  ])('never carry %s', (_what, frame) => {
    expect(serverFrameSchema.safeParse(frame).success).toBe(false)
  })
})
