import { openaiLlmProvider } from '#shared/llm/openai-llm-provider.ts'
import { ALL_PARAMETERS, chatCompletionFailures, sentChatCompletion } from '../chat-completion.ts'
import { eventStream } from '../fixture.ts'
import type { ProviderUnderTest } from '../provider-under-test.ts'

const API_KEY = 'sk-planted-3f9a7c'
const REQUEST_ID = { 'x-request-id': 'req_o1' }

const sent = sentChatCompletion({
  path: '/v1/chat/completions',
  headers: { authorization: `Bearer ${API_KEY}`, 'api-key': undefined },
  // OpenAI's own server is told another name.
  limitName: 'max_tokens',
})

export const openai: ProviderUnderTest = {
  name: 'openai',
  open: ({ rootUrl, timeouts }) => openaiLlmProvider({ apiKey: API_KEY, baseUrl: `${rootUrl}/v1`, timeouts }),
  cells: {
    text: {
      request: ALL_PARAMETERS,
      reply: eventStream('openai-text', REQUEST_ID),
      sent: sent('text'),
      events: [
        { type: 'text', text: 'The' },
        { type: 'text', text: ' tide' },
        { type: 'text', text: ' turns.' },
        { type: 'usage', inputTokens: 31, outputTokens: 9, cachedInputTokens: 16, reasoningTokens: 4 },
        { type: 'stop', reason: 'end' },
      ],
    },
    tools: {
      reply: eventStream('openai-tools', REQUEST_ID),
      sent: sent('tools'),
      events: [
        { type: 'tool_call', call: { callId: 'call_Lk3f', toolName: 'weather', arguments: '{"city":"Oslo"}' } },
        { type: 'usage', inputTokens: 61, outputTokens: 15, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    'parallel-tools': {
      reply: eventStream('openai-parallel-tools', REQUEST_ID),
      sent: sent('parallel-tools'),
      events: [
        { type: 'text', text: 'Now the others.' },
        { type: 'tool_call', call: { callId: 'call_r0', toolName: 'weather', arguments: '{"city":"Rome"}' } },
        { type: 'tool_call', call: { callId: 'call_b1', toolName: 'weather', arguments: '{"city":"Bern"}' } },
        { type: 'usage', inputTokens: 96, outputTokens: 42, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    image: {
      reply: eventStream('openai-image', REQUEST_ID),
      sent: sent('image'),
      events: [
        { type: 'text', text: 'A white' },
        { type: 'text', text: ' square.' },
        { type: 'usage', inputTokens: 1_120, outputTokens: 5, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'end' },
      ],
    },
    refusal: {
      reply: eventStream('openai-refusal', REQUEST_ID),
      sent: sent('refusal'),
      events: [
        { type: 'text', text: "I'm sorry," },
        { type: 'text', text: " I can't judge it." },
        { type: 'usage', inputTokens: 72, outputTokens: 11, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'refusal' },
      ],
    },
    length: {
      reply: eventStream('openai-length', REQUEST_ID),
      sent: sent('length'),
      events: [
        { type: 'text', text: 'The tide tur' },
        { type: 'usage', inputTokens: 14, outputTokens: 4, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'length' },
      ],
    },
    ...chatCompletionFailures('openai', sent, { headers: REQUEST_ID, requestId: 'req_o1' }),
  },
}
