import { googleLlmProvider } from '#shared/llm/google-llm-provider.ts'
import { failed } from '../chat-completion.ts'
import { eventStream, refusedWith } from '../fixture.ts'
import type { ProviderUnderTest, SentRequest } from '../provider-under-test.ts'
import { IMAGE_BASE64, VERDICT_SCHEMA, WEATHER } from '../scenarios.ts'

const API_KEY = 'AIza-planted-3f9a7c'
const RESPONSE_ID = 'mY4gadX1CsGt'

/** Answers have an id, refusals none but what they say themselves. */
const broken = failed('google', RESPONSE_ID)
const stream = (name: string) => eventStream(`google-${name}`)

const sent = (body: object = {}): SentRequest => ({
  path: '/v1beta/models/answer:streamGenerateContent?alt=sse',
  headers: { 'x-goog-api-key': API_KEY, 'content-type': 'application/json', authorization: undefined },
  body: { contents: [{ role: 'user', parts: [{ text: 'Why do tides turn?' }] }], generationConfig: {}, ...body },
})

const { name, description, parameters: parametersJsonSchema } = WEATHER
const tools = [{ functionDeclarations: [{ name, description, parametersJsonSchema }] }]

export const google: ProviderUnderTest = {
  name: 'google',
  open: ({ rootUrl, timeouts }) => googleLlmProvider({ apiKey: API_KEY, baseUrl: rootUrl, timeouts }),
  cells: {
    text: {
      request: { frequencyPenalty: 0.5, presencePenalty: -0.5, reasoningEffort: 'low' },
      reply: stream('text'),
      sent: sent({
        systemInstruction: { parts: [{ text: 'Be brief.' }] },
        contents: [
          { role: 'user', parts: [{ text: 'Hello.' }] },
          { role: 'model', parts: [{ text: 'Good day!' }] },
          { role: 'user', parts: [{ text: 'Why do tides turn?' }] },
        ],
        generationConfig: {
          temperature: 0.2,
          maxOutputTokens: 64,
          topP: 0.9,
          stopSequences: ['END'],
          frequencyPenalty: 0.5,
          presencePenalty: -0.5,
          thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' },
        },
      }),
      // Each chunk counts along.
      events: [
        { type: 'text', text: 'The' },
        { type: 'usage', inputTokens: 31, outputTokens: 5, cachedInputTokens: 16, reasoningTokens: 4 },
        { type: 'text', text: ' tide' },
        { type: 'usage', inputTokens: 31, outputTokens: 7, cachedInputTokens: 16, reasoningTokens: 4 },
        { type: 'text', text: ' turns.' },
        { type: 'usage', inputTokens: 31, outputTokens: 9, cachedInputTokens: 16, reasoningTokens: 4 },
        { type: 'stop', reason: 'end' },
      ],
    },
    tools: {
      reply: stream('tools'),
      sent: sent({
        contents: [{ role: 'user', parts: [{ text: 'What is the weather in Oslo?' }] }],
        tools,
        toolConfig: { functionCallingConfig: { mode: 'ANY' } },
      }),
      events: [
        { type: 'usage', inputTokens: 61, outputTokens: 15 },
        { type: 'tool_call', call: { callId: 'call_#1', toolName: 'weather', arguments: '{"city":"Oslo"}' } },
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
            state: { provider: 'google', value: { calls: { call_before: 'CiQBcsjafA9k' } } },
          },
          { role: 'tool', callId: 'call_before', toolName: 'weather', content: 'no such station', isError: true },
        ],
      },
      reply: stream('parallel-tools'),
      sent: sent({
        contents: [
          { role: 'user', parts: [{ text: 'Compare Oslo, Rome and Bern.' }] },
          {
            role: 'model',
            parts: [
              { text: 'Oslo first.' },
              {
                functionCall: { id: 'call_before', name: 'weather', args: { city: 'Oslo' } },
                thoughtSignature: 'CiQBcsjafA9k',
              },
            ],
          },
          {
            role: 'user',
            parts: [{ functionResponse: { id: 'call_before', name: 'weather', response: { error: 'no such station' } } }],
          },
        ],
        tools,
      }),
      events: [
        { type: 'thinking', text: '**No station** in Oslo.' },
        { type: 'usage', inputTokens: 96, outputTokens: 12, reasoningTokens: 12 },
        { type: 'text', text: 'Now the others.' },
        { type: 'usage', inputTokens: 96, outputTokens: 16, reasoningTokens: 12 },
        { type: 'usage', inputTokens: 96, outputTokens: 42, reasoningTokens: 12 },
        { type: 'state', state: { provider: 'google', value: { calls: { fc_r0: 'CiQBcsjafJ8wV0Fz' } } } },
        { type: 'tool_call', call: { callId: 'fc_r0', toolName: 'weather', arguments: '{"city":"Rome"}' } },
        { type: 'tool_call', call: { callId: 'fc_b1', toolName: 'weather', arguments: '{"city":"Bern"}' } },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    image: {
      reply: stream('image'),
      sent: sent({
        contents: [
          {
            role: 'user',
            parts: [{ text: 'What is this?' }, { inlineData: { mimeType: 'image/png', data: IMAGE_BASE64 } }],
          },
        ],
      }),
      events: [
        { type: 'text', text: 'A white' },
        { type: 'usage', inputTokens: 270, outputTokens: 2 },
        { type: 'text', text: ' square.' },
        { type: 'usage', inputTokens: 270, outputTokens: 4 },
        { type: 'stop', reason: 'end' },
      ],
    },
    // Gemini refuses prompts before it answers.
    refusal: {
      reply: stream('refusal'),
      sent: sent({
        contents: [{ role: 'user', parts: [{ text: 'Judge this forged document.' }] }],
        generationConfig: { responseMimeType: 'application/json', responseJsonSchema: VERDICT_SCHEMA },
      }),
      events: [],
      error: broken({ code: 'content_filter', retryable: false }),
    },
    length: {
      reply: stream('length'),
      sent: sent({ generationConfig: { maxOutputTokens: 4 } }),
      events: [
        { type: 'text', text: 'The tide tur' },
        { type: 'usage', inputTokens: 14, outputTokens: 4 },
        { type: 'stop', reason: 'length' },
      ],
    },
    unauthorized: {
      reply: refusedWith(400, 'google-unauthorized'),
      sent: sent(),
      events: [],
      error: failed('google')({ code: 'authentication_error', retryable: false, providerStatus: 400 }),
    },
    'rate-limit': {
      reply: refusedWith(429, 'google-rate-limit'),
      sent: sent(),
      events: [],
      error: failed('google')({ code: 'rate_limit', providerStatus: 429, retryAfterSeconds: 12 }),
    },
    'server-error': {
      reply: refusedWith(500, 'google-server-error'),
      sent: sent(),
      events: [],
      error: failed('google', '9a1c0d4e7b')({ code: 'provider_error', providerStatus: 500 }),
    },
    cut: {
      reply: { ...stream('cut'), ending: 'cut' },
      sent: sent(),
      events: [
        { type: 'text', text: 'The tide' },
        { type: 'usage', inputTokens: 14, outputTokens: 2 },
        { type: 'text', text: ' turns' },
        { type: 'usage', inputTokens: 14, outputTokens: 3 },
      ],
      error: broken({ code: 'network_error' }),
    },
    'slow-first-token': {
      reply: { ...stream('cut'), body: '', ending: 'silence' },
      sent: sent(),
      events: [],
      error: { code: 'timeout', retryable: true, provider: 'google' },
    },
    'malformed-chunk': {
      reply: stream('malformed-chunk'),
      sent: sent(),
      events: [
        { type: 'text', text: 'The tide' },
        { type: 'usage', inputTokens: 14, outputTokens: 2 },
      ],
      error: broken({ code: 'provider_error' }),
    },
  },
}
