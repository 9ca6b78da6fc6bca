import { openaiLlmProvider } from '#shared/llm/openai-llm-provider.ts'
import { ALL_PARAMETERS, failed, sentChatCompletion } from '../chat-completion.ts'
import { eventStream, refusedWith } from '../fixture.ts'
import type { ProviderUnderTest } from '../provider-under-test.ts'

const API_KEY = 'sk-planted-3f9a7c'
const REQUEST_ID = { 'x-request-id': 'req_o1' }

const error = failed('openai', 'req_o1')
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
    unauthorized: {
      reply: refusedWith(401, 'openai-unauthorized', REQUEST_ID),
      sent: sent('unauthorized'),
      events: [],
      error: error({ code: 'authentication_error', retryable: false, providerStatus: 401 }),
    },
    'rate-limit': {
      reply: refusedWith(429, 'openai-rate-limit', { ...REQUEST_ID, 'retry-after': '12' }),
      sent: sent('rate-limit'),
      events: [],
      error: error({ code: 'rate_limit', providerStatus: 429, retryAfterSeconds: 12 }),
    },
    'server-error': {
      reply: refusedWith(500, 'openai-server-error', REQUEST_ID),
      sent: sent('server-error'),
      events: [],
      error: error({ code: 'provider_error', providerStatus: 500 }),
    },
    cut: {
      reply: { ...eventStream('openai-cut', REQUEST_ID), ending: 'cut' },
      sent: sent('cut'),
      events: [
        { type: 'text', text: 'The tide' },
        { type: 'text', text: ' turns' },
      ],
      error: error({ code: 'network_error' }),
    },
    'slow-first-token': {
      reply: { ...eventStream('openai-cut', REQUEST_ID), body: '', ending: 'silence' },
      sent: sent('slow-first-token'),
      events: [],
      // A deadline is ours: there is no answer of the provider to quote.
      error: { code: 'timeout', retryable: true, provider: 'openai' },
    },
    'malformed-chunk': {
      reply: eventStream('openai-malformed-chunk', REQUEST_ID),
      sent: sent('malformed-chunk'),
      events: [{ type: 'text', text: 'The tide' }],
      error: error({ code: 'provider_error' }),
    },
  },
}
