import { azureLlmProvider } from '#shared/llm/azure-llm-provider.ts'
import { ALL_PARAMETERS, chatCompletionFailures, sentChatCompletion } from '../chat-completion.ts'
import { eventStream } from '../fixture.ts'
import type { ProviderUnderTest } from '../provider-under-test.ts'

const API_KEY = 'planted-0a1b2c3d4e5f'
const REQUEST_ID = { 'x-request-id': 'az-77', 'apim-request-id': 'apim-77' }

const sent = sentChatCompletion({
  path: '/openai/deployments/answer/chat/completions?api-version=2024-10-21',
  headers: { 'api-key': API_KEY, authorization: undefined },
  limitName: 'max_completion_tokens',
})

export const azure: ProviderUnderTest = {
  name: 'azure',
  open: ({ rootUrl, timeouts }) => azureLlmProvider({ apiKey: API_KEY, baseUrl: rootUrl, timeouts }),
  cells: {
    text: {
      request: ALL_PARAMETERS,
      reply: eventStream('azure-text', REQUEST_ID),
      sent: sent('text'),
      events: [
        { type: 'text', text: 'The' },
        { type: 'text', text: ' tide turns.' },
        { type: 'usage', inputTokens: 31, outputTokens: 6, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'end' },
      ],
    },
    tools: {
      reply: eventStream('azure-tools', REQUEST_ID),
      sent: sent('tools'),
      events: [
        { type: 'tool_call', call: { callId: 'call_Az1', toolName: 'weather', arguments: '{"city":"Oslo"}' } },
        { type: 'usage', inputTokens: 61, outputTokens: 15, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    'parallel-tools': {
      reply: eventStream('azure-parallel-tools', REQUEST_ID),
      sent: sent('parallel-tools'),
      events: [
        { type: 'tool_call', call: { callId: 'call_Az1', toolName: 'weather', arguments: '{"city":"Rome"}' } },
        { type: 'tool_call', call: { callId: 'call_Az2', toolName: 'weather', arguments: '{"city":"Bern"}' } },
        { type: 'usage', inputTokens: 96, outputTokens: 42, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    image: {
      reply: eventStream('azure-image', REQUEST_ID),
      sent: sent('image'),
      events: [
        { type: 'text', text: 'A white square.' },
        { type: 'usage', inputTokens: 1_120, outputTokens: 5, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'end' },
      ],
    },
    refusal: {
      reply: eventStream('azure-refusal', REQUEST_ID),
      sent: sent('refusal'),
      events: [
        { type: 'text', text: "I can't judge it." },
        { type: 'usage', inputTokens: 72, outputTokens: 7, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'refusal' },
      ],
    },
    length: {
      reply: eventStream('azure-length', REQUEST_ID),
      sent: sent('length'),
      events: [
        { type: 'text', text: 'The tide tur' },
        { type: 'usage', inputTokens: 14, outputTokens: 4, cachedInputTokens: 0, reasoningTokens: 0 },
        { type: 'stop', reason: 'length' },
      ],
    },
    ...chatCompletionFailures('azure', sent, { headers: REQUEST_ID, requestId: 'az-77' }),
  },
}
