import { ollamaLlmProvider } from '#shared/llm/ollama-llm-provider.ts'
import { failed } from '../chat-completion.ts'
import { fixture, refusedWith } from '../fixture.ts'
import type { CellReply, ProviderUnderTest, SentRequest } from '../provider-under-test.ts'
import { IMAGE_BASE64, VERDICT_SCHEMA, WEATHER } from '../scenarios.ts'

const error = failed('ollama')

const sent = (body: object = {}): SentRequest => ({
  path: '/api/chat',
  headers: { authorization: undefined, 'content-type': 'application/json' },
  body: { model: 'llama3.2:3b', messages: [{ role: 'user', content: 'Why do tides turn?' }], stream: true, ...body },
})

const lines = (name: string): CellReply => ({
  headers: { 'content-type': 'application/x-ndjson' },
  body: fixture(`ollama-${name}.txt`),
})

const tools = [{ type: 'function', function: WEATHER }]

export const ollama: ProviderUnderTest = {
  name: 'ollama',
  model: 'llama3.2:3b',
  open: ({ rootUrl, timeouts }) => ollamaLlmProvider({ baseUrl: rootUrl, timeouts }),
  cells: {
    text: {
      request: { frequencyPenalty: 0.5, presencePenalty: -0.5, reasoningEffort: 'low' },
      reply: lines('text'),
      sent: sent({
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hello.' },
          { role: 'assistant', content: 'Good day!' },
          { role: 'user', content: 'Why do tides turn?' },
        ],
        think: 'low',
        options: {
          temperature: 0.2,
          num_predict: 64,
          top_p: 0.9,
          frequency_penalty: 0.5,
          presence_penalty: -0.5,
          stop: ['END'],
        },
      }),
      events: [
        { type: 'thinking', text: 'The moon' },
        { type: 'thinking', text: ' pulls.' },
        { type: 'text', text: 'The' },
        { type: 'text', text: ' tide turns.' },
        { type: 'usage', inputTokens: 31, outputTokens: 12 },
        { type: 'stop', reason: 'end' },
      ],
    },
    tools: {
      reply: lines('tools'),
      // It knows no choice among tools.
      sent: sent({ messages: [{ role: 'user', content: 'What is the weather in Oslo?' }], tools }),
      events: [
        { type: 'tool_call', call: { callId: 'call_#1', toolName: 'weather', arguments: '{"city":"Oslo"}' } },
        { type: 'usage', inputTokens: 61, outputTokens: 15 },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    'parallel-tools': {
      reply: lines('parallel-tools'),
      sent: sent({
        messages: [
          { role: 'user', content: 'Compare Oslo, Rome and Bern.' },
          {
            role: 'assistant',
            content: 'Oslo first.',
            tool_calls: [{ function: { name: 'weather', arguments: { city: 'Oslo' } } }],
          },
          { role: 'tool', tool_name: 'weather', content: 'Error: no such station' },
        ],
        tools,
      }),
      events: [
        { type: 'text', text: 'Now the others.' },
        { type: 'tool_call', call: { callId: 'call_r0', toolName: 'weather', arguments: '{"city":"Rome"}' } },
        { type: 'tool_call', call: { callId: 'call_b1', toolName: 'weather', arguments: '{"city":"Bern"}' } },
        { type: 'usage', inputTokens: 96, outputTokens: 42 },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    image: {
      reply: lines('image'),
      sent: sent({ messages: [{ role: 'user', content: 'What is this?', images: [IMAGE_BASE64] }] }),
      events: [
        { type: 'text', text: 'A white' },
        { type: 'text', text: ' square.' },
        { type: 'usage', inputTokens: 590, outputTokens: 5 },
        { type: 'stop', reason: 'end' },
      ],
    },
    refusal: { inapplicable: 'Ollama has no field for a refusal: it comes as text' },
    length: {
      request: { output: { name: 'verdict', schema: VERDICT_SCHEMA } },
      reply: lines('length'),
      sent: sent({ format: VERDICT_SCHEMA, options: { num_predict: 4 } }),
      events: [
        { type: 'text', text: 'The tide tur' },
        { type: 'usage', inputTokens: 14, outputTokens: 4 },
        { type: 'stop', reason: 'length' },
      ],
    },
    unauthorized: {
      // Ollama itself knows no keys: a proxy before it does.
      reply: refusedWith(401, 'ollama-unauthorized'),
      sent: sent(),
      events: [],
      error: error({ code: 'authentication_error', retryable: false, providerStatus: 401 }),
    },
    'rate-limit': {
      reply: refusedWith(429, 'ollama-rate-limit', { 'retry-after': '12' }),
      sent: sent(),
      events: [],
      error: error({ code: 'rate_limit', providerStatus: 429, retryAfterSeconds: 12 }),
    },
    'server-error': {
      reply: refusedWith(500, 'ollama-server-error'),
      sent: sent(),
      events: [],
      error: error({ code: 'provider_error', providerStatus: 500 }),
    },
    cut: {
      reply: { ...lines('cut'), ending: 'cut' },
      sent: sent(),
      events: [
        { type: 'text', text: 'The tide' },
        { type: 'text', text: ' turns' },
      ],
      error: error({ code: 'network_error' }),
    },
    'slow-first-token': {
      reply: { ...lines('cut'), body: '', ending: 'silence' },
      sent: sent(),
      events: [],
      error: error({ code: 'timeout' }),
    },
    'malformed-chunk': {
      reply: lines('malformed-chunk'),
      sent: sent(),
      events: [{ type: 'text', text: 'The tide' }],
      error: error({ code: 'provider_error' }),
    },
  },
}
