import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flatEvent, flatEventSchema, flatFrame, flatFrameSchema, graphqlName } from '#shared/protocol/flat-event.ts'
import type { StreamEventBody } from '#shared/protocol/stream-event.ts'
import { aRetry, executionStreams } from '../../helpers/execution-streams.ts'
import { aChunk, aCompletion, aMessage } from '../../helpers/streams.ts'

const place = {
  executionId: 'execution-1',
  sequence: 7,
  attempt: 1,
  timestamp: '2026-11-21T09:30:00.000Z',
}
const flat = (body: StreamEventBody) => flatEvent({ ...aChunk(7), ...body })
const failure = { code: 'timeout', detail: 'too long', events: 8, sha256: '0'.repeat(64) } as const

describe('flatEvent', () => {
  it.each<[StreamEventBody, object]>([
    [{ type: 'started', data: { provider: 'bedrock', model: 'nova' } }, {}],
    [{ type: 'content_chunk', data: { text: 'A gate' } }, { content: 'A gate' }],
    [
      { type: 'thinking', data: { text: 'Hm.' } },
      { content: 'Hm.', status: 'thinking' },
    ],
    [
      { type: 'thinking', data: { text: '', status: 'reading', progress: 40 } },
      { content: '', status: 'reading', progress: 40 },
    ],
    [
      { type: 'tool_call', data: { callId: 'c', toolName: 'search', arguments: { q: 'a' } } },
      { toolName: 'search', arguments: { q: 'a' } },
    ],
    [
      { type: 'tool_result', data: { callId: 'c', toolName: 'search', result: [1] } },
      { toolName: 'search', result: [1] },
    ],
    [{ type: 'usage', data: { inputTokens: 1, outputTokens: 2 } }, { usage: { inputTokens: 1, outputTokens: 2 } }],
    [{ type: 'failed', data: failure }, { error: 'timeout: too long' }],
    [{ type: 'timed_out', data: failure }, { error: 'timeout: too long' }],
    [{ type: 'cancelled', data: failure }, { error: 'timeout: too long' }],
  ])('puts the fields of %j side by side', (body, fields) => {
    expect(flat(body)).toEqual({ ...place, eventType: body.type, ...fields })
  })

  it('says what an attempt takes back', () => {
    expect(flatEvent(aRetry(7, 3))).toMatchObject({ eventType: 'retrying', error: 'rate_limit: too many', resumeFrom: 3 })
  })

  it('gives the whole answer with the completion, where it is known', () => {
    const usage = { inputTokens: 1, outputTokens: 2 }

    expect(flatEvent(aCompletion(7), { text: 'A gate.', usage })).toMatchObject({ final_response: 'A gate.', usage })
    expect(flatEvent(aCompletion(7), { text: '' })).toEqual({ ...place, eventType: 'completed', final_response: '' })
    expect(flatEvent(aCompletion(7))).toEqual({ ...place, eventType: 'completed' })
  })

  it('is valid for every event of a stream, and has no fields but its own', () => {
    fc.assert(
      fc.property(executionStreams, (events) => {
        for (const event of events) {
          const flat = flatEvent(event)
          expect(flatEventSchema.strict().parse(flat)).toEqual(flat)
        }
      }),
    )
  })

  it('knows what GraphQL calls its fields', () => {
    expect(['final_response', 'source_service', 'eventType'].map(graphqlName)).toEqual([
      'finalResponse',
      'sourceService',
      'eventType',
    ])
  })
})

describe('flatFrame', () => {
  it('names messages and facts, and leaves the events of an execution as they are', () => {
    const message = aMessage(3, { type: 'reading', source: 'meter', data: { systolic: 150 } })
    const fact = {
      type: 'lifecycle' as const,
      sequence: 4,
      time: message.time,
      data: {
        specversion: '1.0' as const,
        id: 'f1',
        type: 'agent.started' as const,
        source: '/agents/a1',
        time: message.time,
        data: { agentId: 'a1' },
      },
    }
    const timestamp = message.time

    const frames = [flatFrame(message), flatFrame(fact), flatFrame(aChunk(5, 'A'))]

    expect(frames).toEqual([
      {
        message_type: 'topic_message',
        payload: {
          topic: 'questions',
          event_type: 'reading',
          source_service: 'meter',
          data: { systolic: 150 },
          sequence: 3,
          timestamp,
        },
      },
      {
        message_type: 'realtime_event',
        payload: { event_type: 'agent.started', source_service: '/agents/a1', data: { agentId: 'a1' }, sequence: 4, timestamp },
      },
      { ...place, eventType: 'content_chunk', sequence: 5, content: 'A' },
    ])
    for (const frame of frames) expect(flatFrameSchema.parse(frame)).toEqual(frame)
  })

  it('says where a message is that is too large', () => {
    const message = aMessage(3)

    expect(flatFrame({ ...message, data: { ...message.data, data: null, dataref: '/v1/x' } })).toMatchObject({
      payload: { data: null, dataref: '/v1/x' },
    })
  })
})
