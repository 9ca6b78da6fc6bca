import type { LlmTimeouts } from '#shared/llm/llm-timeouts.ts'
import { openaiLlmProvider } from '#shared/llm/openai-llm-provider.ts'
import { fixture } from '../fixture.ts'
import type { ExpectedError, ProviderUnderTest, SentRequest } from '../provider-under-test.ts'
import { IMAGE_BASE64, VERDICT_SCHEMA, WEATHER } from '../scenarios.ts'

const API_KEY = 'sk-planted-3f9a7c'

/** A server of OpenAI's chat completions gets this for every question. */
const sent = (body: object): SentRequest => ({
  path: '/v1/chat/completions',
  headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json', 'api-key': undefined },
  body: {
    model: 'answer',
    messages: [{ role: 'user', content: 'Why do tides turn?' }],
    stream: true,
    stream_options: { include_usage: true },
    ...body,
  },
})

const stream = (name: string) => ({
  headers: { 'content-type': 'text/event-stream', 'x-request-id': 'req_o1' },
  body: fixture(`openai-${name}.txt`),
})

const refused = (name: string, status: number, headers: Record<string, string> = {}) => ({
  status,
  headers: { 'content-type': 'application/json', 'x-request-id': 'req_o1', ...headers },
  body: fixture(`openai-${name}.json`),
})

const failed = (error: Pick<ExpectedError, 'code'> & Partial<ExpectedError>): ExpectedError => ({
  retryable: true,
  provider: 'openai',
  providerRequestId: 'req_o1',
  ...error,
})

const weatherTool = { type: 'function', function: { ...WEATHER, strict: true } }

export const openai: ProviderUnderTest = {
  name: 'openai',
  open: ({ rootUrl, timeouts }: { rootUrl: string; timeouts: LlmTimeouts }) =>
    openaiLlmProvider({ apiKey: API_KEY, baseUrl: `${rootUrl}/v1`, timeouts }),
  cells: {
    text: {
      request: { frequencyPenalty: 0.5, presencePenalty: -0.5, reasoningEffort: 'low' },
      reply: stream('text'),
      sent: sent({
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hello.' },
          { role: 'assistant', content: 'Good day!' },
          { role: 'user', content: 'Why do tides turn?' },
        ],
        temperature: 0.2,
        max_tokens: 64,
        top_p: 0.9,
        stop: ['END'],
        frequency_penalty: 0.5,
        presence_penalty: -0.5,
        reasoning_effort: 'low',
      }),
      events: [
        { type: 'text', text: 'The' },
        { type: 'text', text: ' tide' },
        { type: 'text', text: ' turns.' },
        { type: 'usage', inputTokens: 31, outputTokens: 9, cachedInputTokens: 16, reasoningTokens: 4 },
        { type: 'stop', reason: 'end' },
      ],
    },
    tools: {
      reply: stream('tools'),
      sent: sent({
        messages: [{ role: 'user', content: 'What is the weather in Oslo?' }],
        tools: [weatherTool],
        tool_choice: 'required',
      }),
      events: [
        { type: 'tool_call', call: { callId: 'call_Lk3f', toolName: 'weather', arguments: '{"city":"Oslo"}' } },
        { type: 'usage', inputTokens: 61, outputTokens: 15, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    'parallel-tools': {
      reply: stream('parallel-tools'),
      sent: sent({
        messages: [
          { role: 'user', content: 'Compare Oslo, Rome and Bern.' },
          {
            role: 'assistant',
            content: 'Oslo first.',
            tool_calls: [{ id: 'call_before', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
          },
          { role: 'tool', tool_call_id: 'call_before', content: 'Error: no such station' },
        ],
        tools: [weatherTool],
      }),
      events: [
        { type: 'text', text: 'Now the others.' },
        { type: 'tool_call', call: { callId: 'call_r0', toolName: 'weather', arguments: '{"city":"Rome"}' } },
        { type: 'tool_call', call: { callId: 'call_b1', toolName: 'weather', arguments: '{"city":"Bern"}' } },
        { type: 'usage', inputTokens: 96, outputTokens: 42, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    image: {
      reply: stream('image'),
      sent: sent({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'image_url', image_url: { url: `data:image/png;base64,${IMAGE_BASE64}` } },
            ],
          },
        ],
      }),
      events: [
        { type: 'text', text: 'A white' },
        { type: 'text', text: ' square.' },
        { type: 'usage', inputTokens: 1_120, outputTokens: 5, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'end' },
      ],
    },
    refusal: {
      reply: stream('refusal'),
      sent: sent({
        messages: [{ role: 'user', content: 'Judge this forged document.' }],
        response_format: { type: 'json_schema', json_schema: { name: 'verdict', schema: VERDICT_SCHEMA, strict: true } },
      }),
      events: [
        { type: 'text', text: "I'm sorry," },
        { type: 'text', text: " I can't judge it." },
        { type: 'usage', inputTokens: 72, outputTokens: 11, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'refusal' },
      ],
    },
    length: {
      reply: stream('length'),
      sent: sent({ max_tokens: 4 }),
      events: [
        { type: 'text', text: 'The tide tur' },
        { type: 'usage', inputTokens: 14, outputTokens: 4, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'length' },
      ],
    },
    unauthorized: {
      reply: refused('unauthorized', 401),
      sent: sent({}),
      events: [],
      error: failed({ code: 'authentication_error', retryable: false, providerStatus: 401 }),
    },
    'rate-limit': {
      reply: refused('rate-limit', 429, { 'retry-after': '12' }),
      sent: sent({}),
      events: [],
      error: failed({ code: 'rate_limit', providerStatus: 429, retryAfterSeconds: 12 }),
    },
    'server-error': {
      reply: refused('server-error', 500),
      sent: sent({}),
      events: [],
      error: failed({ code: 'provider_error', providerStatus: 500 }),
    },
    cut: {
      reply: { ...stream('cut'), ending: 'cut' },
      sent: sent({}),
      events: [
        { type: 'text', text: 'The tide' },
        { type: 'text', text: ' turns' },
      ],
      error: failed({ code: 'network_error' }),
    },
    'slow-first-token': {
      reply: { ...stream('cut'), body: '', ending: 'silence' },
      sent: sent({}),
      events: [],
      // A deadline is ours: there is no answer of the provider to quote.
      error: { code: 'timeout', retryable: true, provider: 'openai' },
    },
    'malformed-chunk': {
      reply: stream('malformed-chunk'),
      sent: sent({}),
      events: [{ type: 'text', text: 'The tide' }],
      error: failed({ code: 'provider_error' }),
    },
  },
}
