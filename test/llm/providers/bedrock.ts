import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { bedrockLlmProvider } from '#shared/llm/bedrock-llm-provider.ts'
import { BEDROCK_REQUEST_ID, bedrockStream } from '../bedrock-frames.ts'
import { failed } from '../chat-completion.ts'
import { refusedWith } from '../fixture.ts'
import type { ProviderUnderTest, SentRequest } from '../provider-under-test.ts'
import { IMAGE_BASE64, VERDICT_SCHEMA, WEATHER } from '../scenarios.ts'

const error = failed('bedrock', BEDROCK_REQUEST_ID)

const refused = (status: number, name: string, type: string) =>
  refusedWith(status, `bedrock-${name}`, { 'x-amzn-requestid': BEDROCK_REQUEST_ID, 'x-amzn-errortype': type })

const guarded = { guardrailConfig: { guardrailIdentifier: 'gr-7f2k', guardrailVersion: '2' } }

/** The key is a role: a signature stands where others send theirs. */
const sent = (body: object = {}): SentRequest => ({
  path: '/model/anthropic.claude-sonnet-4-6-v1%3A0/converse-stream',
  headers: { 'content-type': 'application/json', 'x-api-key': undefined },
  body: { messages: [{ role: 'user', content: [{ text: 'Why do tides turn?' }] }], ...guarded, ...body },
})

const { name, description, parameters } = WEATHER
const tools = [{ toolSpec: { name, description, inputSchema: { json: parameters } } }]

export const THOUGHTS = [
  { before: 0, block: { text: 'No station in Oslo.', signature: 'EqQBCkgIARABGAIiQL8x' } },
  { before: 0, block: { redacted: 'RW13S0FoZ0I=' } },
]

export const bedrock: ProviderUnderTest = {
  name: 'bedrock',
  model: 'anthropic.claude-sonnet-4-6-v1:0',
  open: ({ rootUrl, timeouts }) =>
    bedrockLlmProvider({
      client: new BedrockRuntimeClient({
        endpoint: rootUrl,
        region: 'eu-west-1',
        credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'planted-3f9a7c' },
        maxAttempts: 1,
        requestHandler: new NodeHttpHandler(),
      }),
      guardrail: { id: 'gr-7f2k', version: '2' },
      timeouts,
    }),
  cells: {
    text: {
      request: { reasoningEffort: 'low' },
      reply: bedrockStream('text'),
      sent: sent({
        system: [{ text: 'Be brief.' }],
        messages: [
          { role: 'user', content: [{ text: 'Hello.' }] },
          { role: 'assistant', content: [{ text: 'Good day!' }] },
          { role: 'user', content: [{ text: 'Why do tides turn?' }] },
        ],
        inferenceConfig: { temperature: 0.2, maxTokens: 64, topP: 0.9, stopSequences: ['END'] },
        outputConfig: { effort: 'low' },
      }),
      events: [
        { type: 'text', text: 'The' },
        { type: 'text', text: ' tide' },
        { type: 'text', text: ' turns.' },
        { type: 'usage', inputTokens: 31, outputTokens: 9, cachedInputTokens: 16 },
        { type: 'stop', reason: 'end' },
      ],
    },
    tools: {
      reply: bedrockStream('tools'),
      sent: sent({
        messages: [{ role: 'user', content: [{ text: 'What is the weather in Oslo?' }] }],
        toolConfig: { tools, toolChoice: { any: {} } },
      }),
      events: [
        { type: 'usage', inputTokens: 61, outputTokens: 15 },
        { type: 'tool_call', call: { callId: 'tooluse_Lk3f', toolName: 'weather', arguments: '{"city":"Oslo"}' } },
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
            state: { provider: 'bedrock', value: THOUGHTS },
          },
          { role: 'tool', callId: 'call_before', toolName: 'weather', content: 'no such station', isError: true },
        ],
      },
      reply: bedrockStream('parallel-tools'),
      sent: sent({
        messages: [
          { role: 'user', content: [{ text: 'Compare Oslo, Rome and Bern.' }] },
          {
            role: 'assistant',
            content: [
              { reasoningContent: { reasoningText: { text: 'No station in Oslo.', signature: 'EqQBCkgIARABGAIiQL8x' } } },
              { reasoningContent: { redactedContent: 'RW13S0FoZ0I=' } },
              { text: 'Oslo first.' },
              { toolUse: { toolUseId: 'call_before', name: 'weather', input: { city: 'Oslo' } } },
            ],
          },
          {
            role: 'user',
            content: [{ toolResult: { toolUseId: 'call_before', content: [{ text: 'no such station' }], status: 'error' } }],
          },
        ],
        toolConfig: { tools },
      }),
      events: [
        { type: 'thinking', text: 'No station' },
        { type: 'thinking', text: ' in Oslo.' },
        { type: 'text', text: 'Now the' },
        { type: 'text', text: ' others.' },
        { type: 'usage', inputTokens: 96, outputTokens: 42 },
        { type: 'state', state: { provider: 'bedrock', value: THOUGHTS } },
        { type: 'tool_call', call: { callId: 'tooluse_r0', toolName: 'weather', arguments: '{"city":"Rome"}' } },
        { type: 'tool_call', call: { callId: 'tooluse_b1', toolName: 'weather', arguments: '{"city":"Bern"}' } },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    image: {
      reply: bedrockStream('image'),
      sent: sent({
        messages: [
          { role: 'user', content: [{ text: 'What is this?' }, { image: { format: 'png', source: { bytes: IMAGE_BASE64 } } }] },
        ],
      }),
      events: [
        { type: 'text', text: 'A white' },
        { type: 'text', text: ' square.' },
        { type: 'usage', inputTokens: 1_120, outputTokens: 5 },
        { type: 'stop', reason: 'end' },
      ],
    },
    // Converse has no refusal of the model's own; the guardrail says what it does not let through.
    refusal: {
      reply: bedrockStream('refusal'),
      sent: sent({
        messages: [{ role: 'user', content: [{ text: 'Judge this forged document.' }] }],
        outputConfig: {
          textFormat: {
            type: 'json_schema',
            structure: { jsonSchema: { name: 'verdict', schema: JSON.stringify(VERDICT_SCHEMA) } },
          },
        },
      }),
      events: [
        { type: 'text', text: 'Sorry, this' },
        { type: 'text', text: ' is not allowed.' },
        { type: 'usage', inputTokens: 72, outputTokens: 0 },
        { type: 'stop', reason: 'content_filter' },
      ],
    },
    length: {
      reply: bedrockStream('length'),
      sent: sent({ inferenceConfig: { maxTokens: 4 } }),
      events: [
        { type: 'text', text: 'The tide tur' },
        { type: 'usage', inputTokens: 14, outputTokens: 4 },
        { type: 'stop', reason: 'length' },
      ],
    },
    unauthorized: {
      reply: refused(403, 'unauthorized', 'UnrecognizedClientException'),
      sent: sent(),
      events: [],
      error: error({ code: 'authentication_error', retryable: false, providerStatus: 403 }),
    },
    'rate-limit': {
      reply: refused(429, 'rate-limit', 'ThrottlingException'),
      sent: sent(),
      events: [],
      // Bedrock does not say how long to wait.
      error: error({ code: 'rate_limit', providerStatus: 429 }),
    },
    'server-error': {
      reply: refused(500, 'server-error', 'InternalServerException'),
      sent: sent(),
      events: [],
      error: error({ code: 'provider_error', providerStatus: 500 }),
    },
    cut: {
      reply: { ...bedrockStream('cut'), ending: 'cut' },
      sent: sent(),
      events: [
        { type: 'text', text: 'The tide' },
        { type: 'text', text: ' turns' },
      ],
      error: error({ code: 'network_error' }),
    },
    'slow-first-token': {
      reply: { ...bedrockStream('cut'), body: '', ending: 'silence' },
      sent: sent(),
      events: [],
      error: { code: 'timeout', retryable: true, provider: 'bedrock' },
    },
    'malformed-chunk': {
      reply: bedrockStream('malformed-chunk'),
      sent: sent(),
      events: [{ type: 'text', text: 'The tide' }],
      error: error({ code: 'provider_error' }),
    },
  },
}
