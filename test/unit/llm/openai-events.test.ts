import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openaiEvents } from '#shared/llm/openai-events.ts'
import { outcomeOf } from '../../helpers/llm.ts'

const source = { provider: 'custom', providerRequestId: 'req_1' }
const own = expect.stringMatching(/^call_[0-9a-f-]{36}$/)

async function* streamOf(chunks: unknown[]): AsyncGenerator<unknown> {
  yield* chunks
}

const eventsOf = (...chunks: unknown[]) => outcomeOf(openaiEvents(streamOf(chunks), source))
const calls = (...tool_calls: object[]) => ({ choices: [{ delta: { tool_calls } }] })
const finish = (finish_reason: string) => ({ choices: [{ delta: {}, finish_reason }] })
const piece = (index: number | undefined, id: string | undefined, name: string | undefined, json: string) => ({
  ...(index !== undefined && { index }),
  ...(id !== undefined && { id }),
  function: { ...(name !== undefined && { name }), arguments: json },
})
const call = (callId: unknown, toolName: string, json: string) => ({
  type: 'tool_call',
  call: { callId, toolName, arguments: json },
})

describe('openaiEvents', () => {
  describe('calls', () => {
    it('puts interleaved pieces together by their index', async () => {
      const { events } = await eventsOf(
        calls(piece(0, 'a', 'one', '')),
        calls(piece(1, 'b', 'two', '{"y"')),
        calls(piece(0, undefined, undefined, '{"x":'), piece(1, undefined, undefined, ':2}')),
        calls(piece(0, undefined, undefined, '1}')),
        finish('tool_calls'),
      )

      expect(events).toEqual([call('a', 'one', '{"x":1}'), call('b', 'two', '{"y":2}'), { type: 'stop', reason: 'tool_calls' }])
    })

    it.each([
      ['have all the index 0', [piece(0, 'a', 'one', '{}'), piece(0, 'b', 'one', '{"x":1}')], ['a', 'b']],
      ['have ids and no index', [piece(undefined, 'a', 'one', '{}'), piece(undefined, 'b', 'one', '{"x":1}')], ['a', 'b']],
      ['have neither', [piece(undefined, undefined, 'one', '{}'), piece(undefined, undefined, 'one', '{"x":1}')], [own, own]],
      ['have empty ids', [piece(0, '', 'one', '{}'), piece(1, '', 'one', '{"x":1}')], [own, own]],
    ])('tells calls apart that %s', async (_, deltas, ids) => {
      const { events } = await eventsOf(...deltas.map((delta) => calls(delta)), finish('tool_calls'))

      expect(events.slice(0, -1)).toEqual([call(ids[0], 'one', '{}'), call(ids[1], 'one', '{"x":1}')])
    })

    it('gives calls ids of their own', async () => {
      const { events } = await eventsOf(calls(piece(0, undefined, 'one', ''), piece(1, undefined, 'one', '')), finish('stop'))

      const ids = events.flatMap((event) => (event.type === 'tool_call' ? [event.call.callId] : []))
      expect(new Set(ids).size).toBe(2)
    })

    it('takes a name that is repeated once, and no arguments for an empty object', async () => {
      const { events } = await eventsOf(calls(piece(0, 'a', 'one', '')), calls(piece(0, 'a', 'one', '')), finish('tool_calls'))

      expect(events[0]).toEqual(call('a', 'one', '{}'))
    })

    it.each(['length', 'content_filter'])('tells no call that was broken off by %s', async (reason) => {
      const { events } = await eventsOf(calls(piece(0, 'a', 'one', '{"x":')), finish(reason))

      expect(events).toEqual([{ type: 'stop', reason }])
    })

    it('wants a name', async () => {
      const { events, error } = await eventsOf(calls(piece(0, 'a', undefined, '{}')), finish('tool_calls'))

      expect(events).toEqual([])
      expect(error).toMatchObject({ code: 'provider_error', provider: 'custom', providerRequestId: 'req_1' })
    })

    it('joins arguments wherever they are split', async () => {
      const pieces = fc.array(fc.record({ index: fc.nat(3), text: fc.string() }), { minLength: 1 })

      await fc.assert(
        fc.asyncProperty(pieces, async (all) => {
          const named = [0, 1, 2, 3].map((index) => calls(piece(index, `id${index}`, 'one', '')))
          const { events } = await eventsOf(
            ...named,
            ...all.map(({ index, text }) => calls(piece(index, undefined, undefined, text))),
            finish('tool_calls'),
          )

          const expected = [0, 1, 2, 3].map((index) => {
            const json = all.map((part) => (part.index === index ? part.text : '')).join('')
            return call(`id${index}`, 'one', json || '{}')
          })
          expect(events.slice(0, -1)).toEqual(expected)
        }),
      )
    })
  })

  it('tells a refusal apart from its filter', async () => {
    const refusing = { choices: [{ delta: { refusal: 'No.' } }] }

    expect((await eventsOf(refusing, finish('stop'))).events.at(-1)).toEqual({ type: 'stop', reason: 'refusal' })
    expect((await eventsOf(refusing, finish('content_filter'))).events.at(-1)).toEqual({ type: 'stop', reason: 'content_filter' })
  })

  it.each([
    ['no details', {}, {}],
    ['null for details', { prompt_tokens_details: null, completion_tokens_details: null }, {}],
    ['a cache without a number', { prompt_tokens_details: { cached_tokens: null } }, {}],
    ['a cache', { prompt_tokens_details: { cached_tokens: 2 } }, { cachedInputTokens: 2 }],
    ['thoughts', { completion_tokens_details: { reasoning_tokens: 1 } }, { reasoningTokens: 1 }],
  ])('reads usage with %s', async (_, details, fields) => {
    const { events } = await eventsOf(finish('stop'), {
      choices: [],
      usage: { prompt_tokens: 3, completion_tokens: 4, ...details },
    })

    expect(events).toEqual([
      { type: 'usage', inputTokens: 3, outputTokens: 4, ...fields },
      { type: 'stop', reason: 'end' },
    ])
  })

  it.each([
    { choices: 'none' },
    { choices: [{ delta: { content: 7 } }] },
    { choices: [{ delta: { tool_calls: [{ index: -1 }] } }] },
    { usage: { prompt_tokens: -1, completion_tokens: 0 } },
    null,
  ])('does not take %j', async (chunk) => {
    expect((await eventsOf(chunk)).error).toMatchObject({ code: 'provider_error', retryable: true })
  })
})
