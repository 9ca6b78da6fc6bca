import type { LlmEvent, StopReason } from '#shared/llm/llm-provider.ts'
import { scriptedLlmProvider } from '#shared/llm/scripted-llm-provider.ts'
import type { ProviderUnderTest } from '../provider-under-test.ts'

const user = (content: string) => ({ messages: [{ role: 'user' as const, content }] })

/** A text as a script says it, in tokens that `|` separates, and the end. */
const said = (text: string, inputTokens: number, reason: StopReason = 'end'): LlmEvent[] => {
  const tokens = text.split('|')
  return [
    ...tokens.map((token): LlmEvent => ({ type: 'text', text: token })),
    { type: 'usage', inputTokens, outputTokens: tokens.length },
    { type: 'stop', reason },
  ]
}

const call = (number: number, city: string): LlmEvent => ({
  type: 'tool_call',
  call: { callId: `call_#${number}`, toolName: 'weather', arguments: `{"city":"${city}"}` },
})

export const scripted: ProviderUnderTest = {
  name: 'scripted',
  open: ({ timeouts }) => scriptedLlmProvider({ tokensPerSecond: 0, timeouts }),
  cells: {
    text: {
      request: user('Hello in one sentence.'),
      events: said('Hello|,| it| is| good| to| meet| you|,| and| I| am| ready| when| you| are|.', 6),
    },
    tools: {
      request: user('call weather {"city":"Oslo"}'),
      events: [call(1, 'Oslo'), { type: 'usage', inputTokens: 12, outputTokens: 9 }, { type: 'stop', reason: 'tool_calls' }],
    },
    'parallel-tools': {
      request: user('call weather {"city":"Rome"} and call weather {"city":"Bern"} at once'),
      events: [
        call(1, 'Rome'),
        call(2, 'Bern'),
        { type: 'usage', inputTokens: 27, outputTokens: 18 },
        { type: 'stop', reason: 'tool_calls' },
      ],
    },
    image: {
      events: said('I| see| an| image| of| the| type| image|/|png|,| 8| bytes| long|.', 4),
    },
    refusal: {
      request: { model: 'refusal' },
      events: said('I| cannot| help| with| that|.', 6, 'refusal'),
    },
    length: {
      events: said('Let| us| look| at', 5, 'length'),
    },
    unauthorized: { inapplicable: 'a script has no key' },
    'rate-limit': {
      request: { model: 'rate-limited' },
      events: [],
      error: { code: 'rate_limit', retryable: true, provider: 'scripted', retryAfterSeconds: 1 },
    },
    'server-error': {
      request: { model: 'server-error' },
      events: [],
      error: { code: 'provider_error', retryable: true, provider: 'scripted' },
    },
    cut: {
      request: { model: 'cut-off' },
      events: ['Let', ' us', ' look', ' at', ' tides'].map((text) => ({ type: 'text', text })),
      error: { code: 'network_error', retryable: true, provider: 'scripted' },
    },
    'slow-first-token': {
      request: { model: 'silent' },
      events: [],
      error: { code: 'timeout', retryable: true, provider: 'scripted' },
    },
    'malformed-chunk': { inapplicable: 'a script sends nothing over a wire' },
  },
}
