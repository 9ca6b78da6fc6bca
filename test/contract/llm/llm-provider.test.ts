import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { bedrockLlmProvider } from '#shared/llm/bedrock-llm-provider.ts'
import type { LlmProvider } from '#shared/llm/llm-provider.ts'
import { openaiLlmProvider } from '#shared/llm/openai-llm-provider.ts'
import { scriptedLlmProvider } from '#shared/llm/scripted-llm-provider.ts'
import { type ScriptedLlm, startScriptedLlm } from '../../../localstack/scripted-llm/server.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'
import '../../helpers/provided-context.ts'

let server: ScriptedLlm

beforeAll(async () => {
  server = await startScriptedLlm({ port: 0 })
})
afterAll(() => server.close())

const bedrockClient = (endpoint: string) => new BedrockRuntimeClient({ endpoint, maxAttempts: 1 })

const ADAPTERS: { name: string; model: string; open: () => LlmProvider }[] = [
  { name: 'scriptedLlmProvider', model: 'answer', open: () => scriptedLlmProvider() },
  { name: 'openaiLlmProvider', model: 'scripted', open: () => openaiLlmProvider({ apiKey: 'any', baseUrl: server.url }) },
  {
    name: 'bedrockLlmProvider',
    model: 'amazon.nova-lite-v1:0',
    open: () => bedrockLlmProvider({ client: bedrockClient(inject('emulatorUrl')) }),
  },
]

describe.each(ADAPTERS)('LlmProvider by $name', ({ model, open }) => {
  const request = {
    model,
    messages: [
      { role: 'system' as const, content: 'Be kind.' },
      { role: 'user' as const, content: 'Say hello in one sentence.' },
    ],
  }

  it('says something, tells what it took, and stops', async () => {
    const { events, error } = await outcomeOf(open().stream(request, never()))

    expect(error).toBeUndefined()
    expect(textOf(events)).not.toBe('')
    expect(events.filter((event) => event.type === 'usage')).toHaveLength(1)
    expect(events.filter((event) => event.type === 'stop')).toEqual([{ type: 'stop', reason: 'end' }])
    expect(events.at(-1)?.type).toBe('stop')
  })

  it('answers several calls at once', async () => {
    const provider = open()

    const answers = await Promise.all([1, 2, 3].map(() => outcomeOf(provider.stream(request, never()))))

    expect(answers.map(({ error }) => error)).toEqual([undefined, undefined, undefined])
  })

  it('does not start under an aborted signal', async () => {
    const reason = new Error('too late')

    expect(await outcomeOf(open().stream(request, AbortSignal.abort(reason)))).toEqual({ events: [], error: reason })
  })

  it('stops in mid-answer with the reason of the signal', async () => {
    const controller = new AbortController()
    const reason = new Error('cancelled')
    const iterator = open().stream(request, controller.signal)[Symbol.asyncIterator]()

    await iterator.next()
    controller.abort(reason)

    await expect(iterator.next()).rejects.toBe(reason)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })
})

describe('bedrockLlmProvider', () => {
  it('calls an endpoint that cannot be reached a network error', async () => {
    const provider = bedrockLlmProvider({ client: bedrockClient('http://127.0.0.1:1') })

    const { error } = await outcomeOf(provider.stream(llmRequest('Hi'), never()))

    expect(error).toMatchObject({ name: 'ProviderError', code: 'network_error', provider: 'bedrock', retryable: true })
  })
})
