import { customLlmProvider } from '#shared/llm/custom-llm-provider.ts'
import { ALL_PARAMETERS, chatCompletionFailures, sentChatCompletion } from '../chat-completion.ts'
import { eventStream } from '../fixture.ts'
import type { ProviderUnderTest } from '../provider-under-test.ts'

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
    ...chatCompletionFailures('custom', sent),
  },
}
