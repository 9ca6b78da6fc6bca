import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { flatFrameSchema } from '#shared/protocol/flat-event.ts'
import { MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { nextFrame } from '#shared/streams/event-frames.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { outcomeReader } from '#shared/streams/stream-outcome.ts'
import type { SubscriptionView } from '#shared/streams/subscription-view.ts'
import { aRetry, executionStreams } from '../../helpers/execution-streams.ts'
import { aChannel, aChunk, aCompletion, aMessage, aSubscription } from '../../helpers/streams.ts'

const flat: SubscriptionView = { kind: 'flat' }
const graphql = (...fields: string[]): SubscriptionView => ({
  kind: 'graphql',
  id: 'op-1',
  key: 'agentExecutionStream',
  fields: fields.map((field) => [field, field]),
})
const messages = aChannel({ channel: 'topic:questions' })

/** The first frame of a view, and what it says. */
async function frameOf(view: SubscriptionView, events: StreamEvent[], text = 'A gate.', ref = aChannel()) {
  const outcome = vi.fn(async () => ({ text, usage: { inputTokens: 1, outputTokens: 2 } }))
  const frame = await nextFrame(ref, aSubscription({ view }), events, outcome)
  return { ...frame, outcome, said: JSON.parse(frame.text) }
}

describe('the flat view', () => {
  it('has one event a frame', async () => {
    const { said, last } = await frameOf(flat, [aChunk(4, 'A '), aChunk(5, 'gate.')])

    expect(last).toBe(4)
    expect(said).toMatchObject({ eventType: 'content_chunk', sequence: 4, content: 'A ' })
  })

  it('has packed events for who asked for them', async () => {
    const subscription = aSubscription({ view: flat, packed: true })
    const events = [aChunk(4, 'A '), aChunk(5, 'gate.'), aCompletion(6)]

    const { text, last } = await nextFrame(aChannel(), subscription, events, async () => ({ text: '' }))

    expect(last).toBe(5)
    expect(JSON.parse(text)).toMatchObject({ sequence: 5, content: 'A gate.' })
  })

  it('tells the whole answer and the tokens with the completion, and looks for them only then', async () => {
    const begun = await frameOf(flat, [aChunk(0)])
    const { said } = await frameOf(flat, [aCompletion(6)])

    expect(said).toMatchObject({ eventType: 'completed', final_response: 'A gate.', usage: { inputTokens: 1, outputTokens: 2 } })
    expect(begun.outcome).not.toHaveBeenCalled()
  })

  it('leaves out an answer that does not fit a frame, and fits one that just does', async () => {
    const around = Buffer.byteLength((await frameOf(flat, [aCompletion(6)], '')).text)
    const fitting = 'x'.repeat(MAX_FRAME_BYTES - around)

    const whole = await frameOf(flat, [aCompletion(6)], fitting)
    const without = await frameOf(flat, [aCompletion(6)], `${fitting}x`)

    expect(whole.said.final_response).toBe(fitting)
    expect(Buffer.byteLength(whole.text)).toBe(MAX_FRAME_BYTES)
    expect(without.said).not.toHaveProperty('final_response')
    expect(without.said.usage).toEqual({ inputTokens: 1, outputTokens: 2 })
  })

  it('says where a message can be read that is too large', async () => {
    const { said } = await frameOf(flat, [aMessage(7, { data: 'x'.repeat(MAX_FRAME_BYTES) })], '', messages)

    const dataref = '/v1/topics/questions/events?after=6&limit=1'
    expect(said).toMatchObject({ message_type: 'topic_message', payload: { sequence: 7, data: null, dataref } })
  })

  it('never outgrows a frame, and is valid, whatever the events are', async () => {
    const event = fc.oneof(
      executionStreams.map(([first]) => first ?? aChunk(0)),
      fc.string({ unit: 'binary', maxLength: 30_000 }).map((data) => aMessage(0, { data })),
    )
    await fc.assert(
      fc.asyncProperty(event, async (event) => {
        const { text, said } = await frameOf(flat, [event], '', messages)

        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_FRAME_BYTES)
        expect(flatFrameSchema.parse(said)).toEqual(said)
      }),
    )
  })
})

describe('the graphql view', () => {
  it('answers what was selected, under its aliases and in its order, and null for what does not apply', async () => {
    const view: SubscriptionView = {
      kind: 'graphql',
      id: 'op-1',
      key: 'stream',
      fields: [
        ['__typename', '__typename'],
        ['text', 'content'],
        ['content', 'content'],
        ['error', 'error'],
      ],
    }

    const { text, last } = await frameOf(view, [aChunk(4, 'A '), aChunk(5)])

    expect(last).toBe(4)
    expect(text).toBe(
      '{"id":"op-1","type":"next","payload":{"data":{"stream":{"__typename":"ExecutionEvent","text":"A ","content":"A ","error":null}}}}',
    )
  })

  it('cannot be made to write anything but the answer by a strange alias', async () => {
    const view: SubscriptionView = { kind: 'graphql', id: 'op-1', key: '__proto__', fields: [['__proto__', 'content']] }

    expect((await frameOf(view, [aChunk(4, 'A ')])).text).toBe(
      '{"id":"op-1","type":"next","payload":{"data":{"__proto__":{"__proto__":"A "}}}}',
    )
  })

  it.each([
    [aMessage(3, { source: 'meter' }), { __typename: 'TopicMessage', sourceService: 'meter', eventType: 'question' }],
    [
      {
        type: 'lifecycle' as const,
        sequence: 4,
        time: '2026-11-21T09:30:00.000Z',
        data: {
          specversion: '1.0' as const,
          id: 'f1',
          type: 'agent.started' as const,
          source: '/agents/a1',
          time: '2026-11-21T09:30:00.000Z',
          data: {},
        },
      },
      { __typename: 'Fact', sourceService: '/agents/a1', eventType: 'agent.started' },
    ],
    [aRetry(2, 1), { __typename: 'ExecutionEvent', sourceService: null, eventType: 'retrying' }],
  ])('knows the type and the names of %j', async (event, fields) => {
    const { said } = await frameOf(graphql('__typename', 'sourceService', 'eventType'), [event], '', messages)

    expect(said.payload.data.agentExecutionStream).toEqual(fields)
  })

  it('looks for the answer only where it is selected', async () => {
    const without = await frameOf(graphql('eventType'), [aCompletion(6)])
    const { said } = await frameOf(graphql('finalResponse', 'usage'), [aCompletion(6)])

    expect(without.outcome).not.toHaveBeenCalled()
    expect(said.payload.data.agentExecutionStream).toEqual({
      finalResponse: 'A gate.',
      usage: { inputTokens: 1, outputTokens: 2 },
    })
  })

  it('is null where the answer does not fit', async () => {
    const { said } = await frameOf(graphql('finalResponse'), [aCompletion(6)], 'x'.repeat(MAX_FRAME_BYTES))

    expect(said.payload.data.agentExecutionStream).toEqual({ finalResponse: null })
  })
})

describe('outcomeReader', () => {
  async function ended() {
    const [ref, log] = [aChannel(), memoryStreamLog()]
    const usage = { ...aChunk(3), type: 'usage' as const, data: { inputTokens: 1, outputTokens: 2 } }
    for (const event of [aChunk(0, 'Two'), aRetry(1, -1), aChunk(2, 'A gate.'), usage, aCompletion(4)])
      await log.append(ref, [event])
    return { ref, log }
  }

  it('reads what is kept of the text, and the tokens, once for all who ask', async () => {
    const { ref, log } = await ended()
    const read = vi.spyOn(log, 'read')
    const outcome = outcomeReader(log, ref)

    const outcomes = await Promise.all([outcome(), outcome()])

    expect(outcomes).toEqual(Array.from({ length: 2 }, () => ({ text: 'A gate.', usage: { inputTokens: 1, outputTokens: 2 } })))
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('reads again when it could not', async () => {
    const { ref, log } = await ended()
    vi.spyOn(log, 'read').mockRejectedValueOnce(new Error('out of reach'))
    const outcome = outcomeReader(log, ref)

    await expect(outcome()).rejects.toThrow('out of reach')
    expect((await outcome()).text).toBe('A gate.')
  })
})
