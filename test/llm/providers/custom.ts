import { customLlmProvider } from '#shared/llm/custom-llm-provider.ts'
import { ALL_PARAMETERS, failed, sentChatCompletion } from '../chat-completion.ts'
import { eventStream, refusedWith } from '../fixture.ts'
import type { ProviderUnderTest } from '../provider-under-test.ts'

const error = failed('custom')
const sent = sentChatCompletion({
  path: '/gateway/v1/chat/completions',
  headers: { authorization: undefined, 'x-team': 'red' },
  limitName: 'max_tokens',
})

export const custom: ProviderUnderTest = {
  name: 'custom',
  open: ({ rootUrl, timeouts }) =>
    customLlmProvider({ baseUrl: `${rootUrl}/gateway/v1`, headers: { 'x-team': 'red' }, timeouts }),
  cells: {
    text: {
      request: ALL_PARAMETERS,
      reply: eventStream('custom-text'),
      sent: sent('text'),
      events: [
        { type: 'thinking', text: 'The moon' },
        { type: 'thinking', text: ' pulls.' },
        { type: 'text', text: 'The tide turns.' },
        { type: 'usage', inputTokens: 31, outputTokens: 12 },
        { type: 'stop', reason: 'end' },
      ],
    },
    tools: {
      reply: eventStream('custom-tools'),
      sent: sent('tools'),
      events: [
        { type: 'tool_call', call: { callId: 'call_#1', toolName: 'weather', arguments: '{"city":"Oslo"}' } },
        { type: 'usage', inputTokens: 61, outputTokens: 15 },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    'parallel-tools': {
      reply: eventStream('custom-parallel-tools'),
      sent: sent('parallel-tools'),
      events: [
        { type: 'tool_call', call: { callId: 'chatcmpl-tool-a', toolName: 'weather', arguments: '{"city":"Rome"}' } },
        { type: 'tool_call', call: { callId: 'chatcmpl-tool-b', toolName: 'weather', arguments: '{"city":"Bern"}' } },
        { type: 'usage', inputTokens: 96, outputTokens: 42 },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    image: {
      reply: eventStream('custom-image'),
      sent: sent('image'),
      events: [
        { type: 'text', text: 'A white square.' },
        { type: 'usage', inputTokens: 260, outputTokens: 5 },
        { type: 'stop', reason: 'end' },
      ],
    },
    refusal: {
      inapplicable: 'compatible servers have no field for a refusal: it comes as text',
    },
    length: {
      reply: eventStream('custom-length'),
      sent: sent('length'),
      events: [
        { type: 'text', text: 'The tide tur' },
        { type: 'usage', inputTokens: 14, outputTokens: 4 },
        { type: 'stop', reason: 'length' },
      ],
    },
    unauthorized: {
      reply: refusedWith(401, 'custom-unauthorized'),
      sent: sent('unauthorized'),
      events: [],
      error: error({ code: 'authentication_error', retryable: false, providerStatus: 401 }),
    },
    'rate-limit': {
      reply: refusedWith(429, 'custom-rate-limit', { 'retry-after': '12' }),
      sent: sent('rate-limit'),
      events: [],
      error: error({ code: 'rate_limit', providerStatus: 429, retryAfterSeconds: 12 }),
    },
    'server-error': {
      reply: refusedWith(500, 'custom-server-error'),
      sent: sent('server-error'),
      events: [],
      error: error({ code: 'provider_error', providerStatus: 500 }),
    },
    cut: {
      reply: { ...eventStream('custom-cut'), ending: 'cut' },
      sent: sent('cut'),
      events: [
        { type: 'text', text: 'The tide' },
        { type: 'text', text: ' turns' },
      ],
      error: error({ code: 'network_error' }),
    },
    'slow-first-token': {
      reply: { ...eventStream('custom-cut'), body: '', ending: 'silence' },
      sent: sent('slow-first-token'),
      events: [],
      // A deadline is ours: there is no answer of the provider to quote.
      error: { code: 'timeout', retryable: true, provider: 'custom' },
    },
    'malformed-chunk': {
      reply: eventStream('custom-malformed-chunk'),
      sent: sent('malformed-chunk'),
      events: [{ type: 'text', text: 'The tide' }],
      error: error({ code: 'provider_error' }),
    },
  },
}
