import { describe, expect, it } from 'vitest'
import { SCRIPTED_MODELS, scriptedLlmProvider } from '#shared/llm/scripted-llm-provider.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'

const provider = scriptedLlmProvider({ tokensPerSecond: 0 })
const call = (model: string, overrides = {}) =>
  outcomeOf(provider.stream(llmRequest('What is a fjord?', { model, ...overrides }), never()))

describe('scriptedLlmProvider', () => {
  it('answers the same prompt the same', async () => {
    const first = await call('answer')
    const second = await call('answer')

    expect(textOf(first.events)).toContain('fjord')
    expect(second).toEqual(first)
  })

  it('ends with usage and stop', async () => {
    const { events } = await call('answer')

    const texts = events.filter((event) => event.type === 'text')
    expect(events.slice(-2)).toEqual([
      { type: 'usage', inputTokens: 5, outputTokens: texts.length },
      { type: 'stop', reason: 'end' },
    ])
  })

  it('thinks before it answers', async () => {
    const { events } = await call('thinking')

    expect(events.findIndex((event) => event.type === 'text')).toBe(20)
    expect(events.slice(0, 20).every((event) => event.type === 'thinking')).toBe(true)
  })

  it('stops at the limit of tokens', async () => {
    const { events } = await call('answer', { maxTokens: 3 })

    expect(events.map((event) => event.type)).toEqual(['text', 'text', 'text', 'usage', 'stop'])
    expect(events.at(-1)).toEqual({ type: 'stop', reason: 'length' })
  })

  it.each([
    ['rate-limited', 0, { code: 'rate_limit', retryable: true, retryAfterSeconds: 1 }],
    ['server-error', 0, { code: 'provider_error', retryable: true }],
    ['cut-off', 5, { code: 'network_error', retryable: true }],
    ['gpt-9', 0, { code: 'validation_error', retryable: false }],
    ['constructor', 0, { code: 'validation_error', retryable: false }],
  ])('fails as the model %s says', async (model, texts, failure) => {
    const { events, error } = await call(model)

    expect(events).toHaveLength(texts)
    expect(error).toMatchObject({ ...failure, provider: 'scripted' })
  })

  it('fails also when there is less to say than a script fails after', async () => {
    expect((await call('cut-off', { maxTokens: 2 })).error).toMatchObject({ code: 'network_error' })
  })

  it.each([
    ['refusal', 'refusal'],
    ['length', 'length'],
    ['content-filter', 'content_filter'],
  ])('stops as the model %s says', async (model, reason) => {
    expect((await call(model)).events.at(-1)).toEqual({ type: 'stop', reason })
  })

  it('names the models it has', () => {
    expect(SCRIPTED_MODELS).toContain('answer')
  })

  it('keeps its pace', async () => {
    const paced = scriptedLlmProvider({ tokensPerSecond: 200 })
    const start = performance.now()

    await outcomeOf(paced.stream(llmRequest('What is a fjord?', { maxTokens: 21 }), never()))

    expect(performance.now() - start).toBeGreaterThanOrEqual(98)
  })

  it('stops with the reason of the signal', async () => {
    const controller = new AbortController()
    const reason = new Error('stop')
    const stream = scriptedLlmProvider({ tokensPerSecond: 1 }).stream(llmRequest('What is a fjord?'), controller.signal)

    const ending = outcomeOf(stream)
    controller.abort(reason)

    expect(await ending).toMatchObject({ error: reason })
  })
})
