import { describe, expect, it } from 'vitest'
import type { LlmEvent, LlmProvider, LlmRequest } from '#shared/llm/llm-provider.ts'
import { memoryResponseCacheStore } from '#shared/models/memory-response-cache-store.ts'
import { MAX_CACHED_BYTES, responseKey, withResponseCache } from '#shared/models/with-response-cache.ts'
import { llmRequest, never, outcomeOf } from '../../helpers/llm.ts'
import { settings } from '../../helpers/model-calls.ts'

const model: LlmEvent = { type: 'model', provider: 'scripted', model: 'one' }
const text = (said: string): LlmEvent => ({ type: 'text', text: said })
const usage: LlmEvent = { type: 'usage', inputTokens: 10, outputTokens: 2, costMicroUsd: 5 }
const stop: LlmEvent = { type: 'stop', reason: 'end' }
const ANSWER = [model, text('Hel'), text('lo'), usage, stop]

/** A model behind a cache that keeps answers for a minute. */
function cached(answer: LlmEvent[], { store = memoryResponseCacheStore(), tenant = 'acme' } = {}) {
  let now = 0
  let calls = 0
  const lost: unknown[] = []
  const provider: LlmProvider = {
    async *stream() {
      calls++
      yield* answer
    },
  }
  const { stream } = withResponseCache(provider, {
    store,
    tenant,
    settings: settings(),
    ttlSeconds: 60,
    clock: { now: () => now },
    onLost: (error) => lost.push(error),
  })
  return {
    ask: (request: LlmRequest = llmRequest('Hi')) => outcomeOf(stream(request, never())),
    calls: () => calls,
    pass: (ms: number) => {
      now += ms
    },
    lost,
    store,
  }
}

describe('withResponseCache', () => {
  it('answers again in the same pieces, without a token or a cost', async () => {
    const { ask, calls } = cached(ANSWER)

    await ask()
    const { events } = await ask()

    expect(events).toEqual([
      { ...model, cached: true },
      text('Hel'),
      text('lo'),
      { type: 'usage', inputTokens: 0, outputTokens: 0, costMicroUsd: 0 },
      stop,
    ])
    expect(calls()).toBe(1)
  })

  it('tells nobody again what was only about the call that was made', async () => {
    const { ask } = cached([{ type: 'warning', text: '81 % of the budget "ada" are spent' }, ...ANSWER])

    const first = await ask()
    const { events } = await ask()

    expect(first.events).toHaveLength(ANSWER.length + 1)
    expect(events).toHaveLength(ANSWER.length)
    expect(events.some(({ type }) => type === 'warning')).toBe(false)
  })

  it('asks again when the time is over', async () => {
    const { ask, calls, pass } = cached(ANSWER)

    await ask()
    pass(60_000)
    await ask()

    expect(calls()).toBe(2)
  })

  it('keeps the answers of tenants apart', async () => {
    const { ask, store } = cached(ANSWER)
    const other = cached(ANSWER, { store, tenant: 'globex' })

    await ask()
    await other.ask()

    expect(other.calls()).toBe(1)
  })

  it.each<[string, LlmEvent[]]>([
    ['ends for another reason', [model, text('Hel'), { type: 'stop', reason: 'length' }]],
    ['does not end', [model, text('Hel')]],
    ['calls a tool', [model, { type: 'tool_call', call: { callId: 'c', toolName: 'now', arguments: '{}' } }, stop]],
    ['is of a stand-in', [model, { ...model, model: 'two' }, text('Hello'), stop]],
    ['is too large', [model, text('x'.repeat(MAX_CACHED_BYTES)), stop]],
  ])('keeps no answer that %s', async (_, answer) => {
    const { ask, calls } = cached(answer)

    await ask()
    await ask()

    expect(calls()).toBe(2)
  })

  it('answers without its store', async () => {
    const gone = async (): Promise<never> => {
      throw new Error('out of reach')
    }
    const { ask, lost } = cached(ANSWER, { store: { get: gone, put: gone } })

    const { events, error } = await ask()

    expect(error).toBeUndefined()
    expect(events).toEqual(ANSWER)
    expect(lost).toHaveLength(2)
  })
})

describe('responseKey', () => {
  const image = (data: Uint8Array): LlmRequest => ({
    ...llmRequest(''),
    messages: [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data }] }],
  })
  const hash = (request: LlmRequest, tenant = 'acme', said = settings()): string => responseKey(tenant, said, request).hash

  it('is the same for the same question, in whatever order it is written', () => {
    expect(hash({ model: 'one', temperature: 0, messages: [] })).toBe(hash({ messages: [], temperature: 0, model: 'one' }))
  })

  it.each<[string, string]>([
    ['the question', hash(llmRequest('Hello'))],
    ['a parameter', hash(llmRequest('Hi', { temperature: 1 }))],
    ['the tools', hash(llmRequest('Hi', { tools: [{ name: 'now', description: '', parameters: {} }] }))],
    ['the tenant', hash(llmRequest('Hi'), 'globex')],
    ['the service', hash(llmRequest('Hi'), 'acme', settings({ service: 'other' }))],
  ])('is another one with another value of %s', (_, other) => {
    expect(other).not.toBe(hash(llmRequest('Hi')))
  })

  it('tells images apart by what is in them', () => {
    expect(hash(image(new Uint8Array([1])))).toBe(hash(image(new Uint8Array([1]))))
    expect(hash(image(new Uint8Array([1])))).not.toBe(hash(image(new Uint8Array([2]))))
  })
})
