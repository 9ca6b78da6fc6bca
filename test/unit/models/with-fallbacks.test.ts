import { describe, expect, it } from 'vitest'
import type { LlmEvent, LlmRequest } from '#shared/llm/llm-provider.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { type Candidate, withFallbacks } from '#shared/models/with-fallbacks.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'
import { providerError } from '../../helpers/model-calls.ts'

/** A model that says these events, then fails with the error, if there is one. */
function candidate(model: string, events: LlmEvent[], error?: unknown): Candidate & { asked: LlmRequest[] } {
  const asked: LlmRequest[] = []
  return {
    provider: 'scripted',
    model,
    asked,
    adapt: (request) => ({ ...request, model }),
    open: async () => ({
      async *stream(request) {
        asked.push(request)
        yield* events
        if (error !== undefined) throw error
      },
    }),
  }
}

const text = (said: string): LlmEvent => ({ type: 'text', text: said })
const state = (from: string): LlmEvent => ({ type: 'state', state: { provider: 'scripted', value: from } })
const stop: LlmEvent = { type: 'stop', reason: 'end' }

const ask = (...candidates: Candidate[]) => outcomeOf(withFallbacks(candidates).stream(llmRequest('Hi'), never()))

describe('withFallbacks', () => {
  it('asks nobody else while the first one speaks, and says who that is', async () => {
    const second = candidate('two', [text('no'), stop])

    const { events } = await ask(candidate('one', [text('Hello'), stop]), second)

    expect(events).toEqual([{ type: 'model', provider: 'scripted', model: 'one' }, text('Hello'), stop])
    expect(second.asked).toEqual([])
  })

  it.each<ErrorCode>([
    'rate_limit',
    'timeout',
    'network_error',
    'provider_error',
    'authentication_error',
    'unavailable',
    'context_length_exceeded',
  ])('takes the next one after %s', async (code) => {
    const next = candidate('two', [text('Hello'), stop])

    const { events, error } = await ask(candidate('one', [], providerError(code)), next)

    expect(error).toBeUndefined()
    expect(textOf(events)).toBe('Hello')
    expect(next.asked.map(({ model }) => model)).toEqual(['two'])
  })

  it('says what the provider said of the call that failed', async () => {
    const said = { providerStatus: 429, providerCode: 'RESOURCE_EXHAUSTED', providerRequestId: 'mY4gadX1' }
    const error = new ProviderError('rate_limit', 'limited', { provider: 'google', ...said })

    const { events } = await ask(candidate('one', [], error), candidate('two', [text('Hello'), stop]))

    expect(events).toContainEqual({
      type: 'warning',
      text: '"one" of scripted did not answer (rate_limit, 429, RESOURCE_EXHAUSTED, request mY4gadX1): "two" of scripted is asked',
    })
  })

  it.each<ErrorCode>(['validation_error', 'content_filter', 'budget_exceeded'])('does not after %s', async (code) => {
    const next = candidate('two', [text('Hello'), stop])

    const { error } = await ask(candidate('one', [], providerError(code)), next)

    expect(error).toMatchObject({ code })
    expect(next.asked).toEqual([])
  })

  it.each<[string, LlmEvent]>([
    ['a text', text('Hel')],
    ['a thought', { type: 'thinking', text: 'hm' }],
    ['a call of a tool', { type: 'tool_call', call: { callId: 'c', toolName: 'add', arguments: '{}' } }],
  ])('lets nobody take over behind %s', async (_, word) => {
    const next = candidate('two', [text('Hello'), stop])

    const { events, error } = await ask(candidate('one', [word], providerError('network_error')), next)

    expect(events).toContainEqual(word)
    expect(error).toMatchObject({ code: 'network_error' })
    expect(next.asked).toEqual([])
  })

  it('drops what a model that failed wanted back, and keeps that of the one that spoke', async () => {
    const { events } = await ask(
      candidate('one', [state('one')], providerError('timeout')),
      candidate('two', [state('two'), text('Hello'), stop]),
    )

    expect(events.filter(({ type }) => type === 'state')).toEqual([state('two')])
    expect(events.findIndex(({ type }) => type === 'state')).toBeLessThan(events.findIndex(({ type }) => type === 'text'))
  })

  it('fails with the first error that may go away when all fail', async () => {
    const { error } = await ask(
      candidate('one', [], providerError('authentication_error')),
      candidate('two', [], new ProviderError('rate_limit', 'limited', { provider: 'scripted', retryAfterSeconds: 7 })),
      candidate('three', [], providerError('context_length_exceeded')),
    )

    expect(error).toMatchObject({ code: 'rate_limit', retryAfterSeconds: 7 })
  })

  it('asks nobody else once the caller has gone', async () => {
    const leaving = new AbortController()
    const next = candidate('two', [text('Hello'), stop])
    const first: Candidate = {
      ...candidate('one', []),
      open: async () => {
        leaving.abort()
        throw providerError('network_error')
      },
    }

    const { error } = await outcomeOf(withFallbacks([first, next]).stream(llmRequest('Hi'), leaving.signal))

    expect(error).toMatchObject({ code: 'network_error' })
    expect(next.asked).toEqual([])
  })
})
