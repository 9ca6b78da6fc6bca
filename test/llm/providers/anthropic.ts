import { anthropicLlmProvider } from '#shared/llm/anthropic-llm-provider.ts'
import { ANTHROPIC_MAX_TOKENS } from '#shared/llm/anthropic-request.ts'
import { failed } from '../chat-completion.ts'
import { eventStream, refusedWith } from '../fixture.ts'
import type { ProviderUnderTest, SentRequest } from '../provider-under-test.ts'
import { IMAGE_BASE64, VERDICT_SCHEMA, WEATHER } from '../scenarios.ts'

const API_KEY = 'sk-ant-planted-3f9a7c'
const REQUEST_ID = { 'request-id': 'req_a1' }

const error = failed('anthropic', 'req_a1')
const stream = (name: string) => eventStream(`anthropic-${name}`, REQUEST_ID)

const text = (content: string) => ({ type: 'text', text: content })

const sent = (body: object = {}): SentRequest => ({
  path: '/v1/messages',
  headers: {
    authorization: `Bearer ${API_KEY}`,
    'anthropic-version': '2026-10-21',
    'content-type': 'application/json',
    'x-api-key': undefined,
  },
  body: {
    model: 'claude-sonnet-4-6',
    max_tokens: ANTHROPIC_MAX_TOKENS,
    messages: [{ role: 'user', content: [text('Why do tides turn?')] }],
    stream: true,
    ...body,
  },
})

const { name, description, parameters: input_schema } = WEATHER
const tools = [{ name, description, input_schema }]

const THINKING = { type: 'thinking', thinking: 'No station in Oslo.', signature: 'EqQBCkgIARABGAIiQL8x' }
const REDACTED = { type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3pzix' }
const state = {
  provider: 'anthropic',
  value: [
    { before: 0, block: THINKING },
    { before: 0, block: REDACTED },
  ],
}

export const anthropic: ProviderUnderTest = {
  name: 'anthropic',
  model: 'claude-sonnet-4-6',
  open: ({ rootUrl, timeouts }) => anthropicLlmProvider({ apiKey: API_KEY, baseUrl: rootUrl, timeouts }),
  cells: {
    text: {
      request: { reasoningEffort: 'low' },
      reply: stream('text'),
      sent: sent({
        system: [text('Be brief.')],
        messages: [
          { role: 'user', content: [text('Hello.')] },
          { role: 'assistant', content: [text('Good day!')] },
          { role: 'user', content: [text('Why do tides turn?')] },
        ],
        max_tokens: 64,
        stop_sequences: ['END'],
        thinking: { type: 'adaptive', display: 'summarized' },
        output_config: { effort: 'low' },
      }),
      events: [
        { type: 'text', text: 'The' },
        { type: 'text', text: ' tide' },
        { type: 'text', text: ' turns.' },
        { type: 'usage', inputTokens: 31, outputTokens: 9, cachedInputTokens: 16, reasoningTokens: 0 },
        { type: 'warning', text: 'temperature: not known to Anthropic, left out' },
        { type: 'warning', text: 'topP: not known to Anthropic, left out' },
        { type: 'stop', reason: 'end' },
      ],
    },
    tools: {
      reply: stream('tools'),
      sent: sent({
        messages: [{ role: 'user', content: [text('What is the weather in Oslo?')] }],
        tools,
        tool_choice: { type: 'any' },
      }),
      events: [
        { type: 'usage', inputTokens: 61, outputTokens: 15, cachedInputTokens: 0 },
        { type: 'tool_call', call: { callId: 'toolu_01Lk3f', toolName: 'weather', arguments: '{"city":"Oslo"}' } },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    'parallel-tools': {
      request: {
        messages: [
          { role: 'user', content: 'Compare Oslo, Rome and Bern.' },
          {
            role: 'assistant',
            content: 'Oslo first.',
            toolCalls: [{ callId: 'call_before', toolName: 'weather', arguments: '{"city":"Oslo"}' }],
            state,
          },
          { role: 'tool', callId: 'call_before', toolName: 'weather', content: 'no such station', isError: true },
        ],
      },
      reply: stream('parallel-tools'),
      sent: sent({
        messages: [
          { role: 'user', content: [text('Compare Oslo, Rome and Bern.')] },
          {
            role: 'assistant',
            content: [
              THINKING,
              REDACTED,
              text('Oslo first.'),
              { type: 'tool_use', id: 'call_before', name: 'weather', input: { city: 'Oslo' } },
            ],
          },
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 'call_before', content: 'no such station', is_error: true }],
          },
        ],
        tools,
      }),
      events: [
        { type: 'thinking', text: 'No station' },
        { type: 'thinking', text: ' in Oslo.' },
        { type: 'text', text: 'Now the' },
        { type: 'text', text: ' others.' },
        { type: 'usage', inputTokens: 96, outputTokens: 42, cachedInputTokens: 0, reasoningTokens: 12 },
        { type: 'state', state },
        { type: 'tool_call', call: { callId: 'toolu_r0', toolName: 'weather', arguments: '{"city":"Rome"}' } },
        { type: 'tool_call', call: { callId: 'toolu_b1', toolName: 'weather', arguments: '{"city":"Bern"}' } },
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
              text('What is this?'),
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: IMAGE_BASE64 } },
            ],
          },
        ],
      }),
      events: [
        { type: 'text', text: 'A white' },
        { type: 'text', text: ' square.' },
        { type: 'usage', inputTokens: 1_120, outputTokens: 5, cachedInputTokens: 0 },
        { type: 'stop', reason: 'end' },
      ],
    },
    refusal: {
      reply: stream('refusal'),
      sent: sent({
        messages: [{ role: 'user', content: [text('Judge this forged document.')] }],
        // The API takes no type beside an enumeration.
        output_config: {
          format: {
            type: 'json_schema',
            schema: {
              ...VERDICT_SCHEMA,
              properties: { verdict: { enum: ['APPROVE', 'REJECT'] }, confidence: { type: 'integer' } },
            },
          },
        },
      }),
      events: [
        { type: 'text', text: "I can't" },
        { type: 'text', text: ' judge it.' },
        { type: 'usage', inputTokens: 72, outputTokens: 11, cachedInputTokens: 0 },
        { type: 'stop', reason: 'refusal' },
      ],
    },
    length: {
      reply: stream('length'),
      sent: sent({ max_tokens: 4 }),
      events: [
        { type: 'text', text: 'The tide tur' },
        { type: 'usage', inputTokens: 14, outputTokens: 4, cachedInputTokens: 0 },
        { type: 'stop', reason: 'length' },
      ],
    },
    unauthorized: {
      reply: refusedWith(401, 'anthropic-unauthorized', REQUEST_ID),
      sent: sent(),
      events: [],
      error: error({ code: 'authentication_error', retryable: false, providerStatus: 401 }),
    },
    'rate-limit': {
      reply: refusedWith(429, 'anthropic-rate-limit', { ...REQUEST_ID, 'retry-after': '12' }),
      sent: sent(),
      events: [],
      error: error({ code: 'rate_limit', providerStatus: 429, retryAfterSeconds: 12 }),
    },
    'server-error': {
      reply: refusedWith(500, 'anthropic-server-error', REQUEST_ID),
      sent: sent(),
      events: [],
      error: error({ code: 'provider_error', providerStatus: 500 }),
    },
    cut: {
      reply: { ...stream('cut'), ending: 'cut' },
      sent: sent(),
      events: [
        { type: 'text', text: 'The tide' },
        { type: 'text', text: ' turns' },
      ],
      error: error({ code: 'network_error' }),
    },
    'slow-first-token': {
      reply: { ...stream('cut'), body: '', ending: 'silence' },
      sent: sent(),
      events: [],
      error: { code: 'timeout', retryable: true, provider: 'anthropic' },
    },
    'malformed-chunk': {
      reply: stream('malformed-chunk'),
      sent: sent(),
      events: [{ type: 'text', text: 'The tide' }],
      error: error({ code: 'provider_error' }),
    },
  },
}
