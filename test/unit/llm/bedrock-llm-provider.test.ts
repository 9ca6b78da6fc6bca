import {
  AccessDeniedException,
  BedrockRuntimeClient,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  ModelTimeoutException,
  ServiceUnavailableException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { bedrockLlmProvider } from '#shared/llm/bedrock-llm-provider.ts'
import { llmRequest, never, outcomeOf } from '../../helpers/llm.ts'

const bedrock = mockClient(BedrockRuntimeClient)
beforeEach(() => bedrock.reset())

const textDelta = (text: string): ConverseStreamOutput => ({ contentBlockDelta: { contentBlockIndex: 0, delta: { text } } })

async function* streamOf(events: ConverseStreamOutput[], failure?: Error): AsyncGenerator<ConverseStreamOutput> {
  yield* events
  if (failure) throw failure
}

const call = (overrides = {}) =>
  outcomeOf(bedrockLlmProvider({ client: new BedrockRuntimeClient({}) }).stream(llmRequest('Hi', overrides), never()))

describe('bedrockLlmProvider', () => {
  it('maps thinking, text and usage, and stops last', async () => {
    bedrock.on(ConverseStreamCommand).resolves({
      stream: streamOf([
        { messageStart: { role: 'assistant' } },
        { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { text: 'Hm.' } } } },
        textDelta('Hello'),
        { messageStop: { stopReason: 'max_tokens' } },
        { metadata: { usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 }, metrics: { latencyMs: 5 } } },
      ]),
    })

    expect(await call()).toEqual({
      events: [
        { type: 'thinking', text: 'Hm.' },
        { type: 'text', text: 'Hello' },
        { type: 'usage', inputTokens: 3, outputTokens: 4 },
        { type: 'stop', reason: 'length' },
      ],
      error: undefined,
    })
  })

  it('gives system prompts their own place', async () => {
    bedrock.on(ConverseStreamCommand).resolves({ stream: streamOf([{ messageStop: { stopReason: 'end_turn' } }]) })
    const messages = [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Hi' },
    ]

    await call({ messages, maxTokens: 9, temperature: 0.5 })

    expect(bedrock.commandCalls(ConverseStreamCommand)[0]?.args[0].input).toEqual({
      modelId: 'answer',
      system: [{ text: 'Be kind.' }],
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
      inferenceConfig: { maxTokens: 9, temperature: 0.5 },
    })
  })

  it('takes a stream without a stop for cut off', async () => {
    bedrock.on(ConverseStreamCommand).resolves({ stream: streamOf([textDelta('Hel')]) })

    expect(await call()).toMatchObject({ events: [{ type: 'text', text: 'Hel' }], error: { code: 'network_error' } })
  })

  const metadata = (httpStatusCode: number) => ({ message: 'quoted', $metadata: { httpStatusCode, requestId: 'req-1' } })

  it.each([
    [new ThrottlingException(metadata(429)), 'rate_limit', true],
    [new AccessDeniedException(metadata(403)), 'authentication_error', false],
    [new ValidationException(metadata(400)), 'validation_error', false],
    [new ModelTimeoutException(metadata(408)), 'timeout', true],
    [new ServiceUnavailableException(metadata(503)), 'provider_error', true],
    [Object.assign(new ServiceUnavailableException(metadata(503)), { name: 'constructor' }), 'provider_error', true],
  ])('maps %s', async (exception, code, retryable) => {
    const failure = {
      code,
      retryable,
      provider: 'bedrock',
      providerRequestId: 'req-1',
      providerStatus: exception.$metadata.httpStatusCode,
    }

    bedrock
      .on(ConverseStreamCommand)
      .rejectsOnce(exception)
      .resolvesOnce({ stream: streamOf([textDelta('Hel')], exception) })

    expect(await call()).toMatchObject({ events: [], error: failure })
    expect(await call()).toMatchObject({ events: [{ type: 'text' }], error: failure })
  })
})
