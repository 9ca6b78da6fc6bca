import { eventStream, refusedWith } from './fixture.ts'
import type { ExpectedError, ReplayedCell, SentRequest } from './provider-under-test.ts'
import { IMAGE_BASE64, type Scenario, VERDICT_SCHEMA, WEATHER } from './scenarios.ts'

const weatherTool = { type: 'function', function: { ...WEATHER, strict: true } }

/** What chat completions are sent in each scenario, beside what is the same in all. */
const BODIES: Partial<Record<Scenario, object>> = {
  text: {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello.' },
      { role: 'assistant', content: 'Good day!' },
      { role: 'user', content: 'Why do tides turn?' },
    ],
    temperature: 0.2,
    top_p: 0.9,
    stop: ['END'],
    frequency_penalty: 0.5,
    presence_penalty: -0.5,
    reasoning_effort: 'low',
  },
  tools: {
    messages: [{ role: 'user', content: 'What is the weather in Oslo?' }],
    tools: [weatherTool],
    tool_choice: 'required',
  },
  'parallel-tools': {
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
  },
  image: {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${IMAGE_BASE64}` } },
        ],
      },
    ],
  },
  refusal: {
    messages: [{ role: 'user', content: 'Judge this forged document.' }],
    response_format: { type: 'json_schema', json_schema: { name: 'verdict', schema: VERDICT_SCHEMA, strict: true } },
  },
}

/** The longest answer of each scenario that says one. */
const LIMITS: Partial<Record<Scenario, number>> = { text: 64, length: 4 }

/** The parameters that only this API has all of: what `text` asks besides. */
export const ALL_PARAMETERS = { frequencyPenalty: 0.5, presencePenalty: -0.5, reasoningEffort: 'low' } as const

/** Requests of a provider that speaks chat completions. */
export const sentChatCompletion =
  (server: Pick<SentRequest, 'path' | 'headers'> & { limitName: string }) =>
  (scenario: Scenario): SentRequest => {
    const limit = LIMITS[scenario]
    const body = {
      model: 'answer',
      messages: [{ role: 'user', content: 'Why do tides turn?' }],
      stream: true,
      stream_options: { include_usage: true },
      ...BODIES[scenario],
      ...(limit !== undefined && { [server.limitName]: limit }),
    }
    return { path: server.path, headers: { 'content-type': 'application/json', ...server.headers }, body }
  }

/** Errors as most of a provider's are: worth another try, and with the request's id where there is one. */
export const failed =
  (provider: string, providerRequestId?: string) =>
  (error: Pick<ExpectedError, 'code'> & Partial<ExpectedError>): ExpectedError => ({
    retryable: true,
    provider,
    ...(providerRequestId !== undefined && { providerRequestId }),
    ...error,
  })

type Failure = 'unauthorized' | 'rate-limit' | 'server-error' | 'cut' | 'slow-first-token' | 'malformed-chunk'

/** What goes wrong goes wrong alike wherever chat completions are spoken: the cells of a provider, on recordings of its own. */
export function chatCompletionFailures(
  provider: string,
  sent: ReturnType<typeof sentChatCompletion>,
  { headers = {}, requestId }: { headers?: Record<string, string>; requestId?: string } = {},
): Record<Failure, ReplayedCell> {
  const error = failed(provider, requestId)
  return {
    unauthorized: {
      reply: refusedWith(401, `${provider}-unauthorized`, headers),
      sent: sent('unauthorized'),
      events: [],
      error: error({ code: 'authentication_error', retryable: false, providerStatus: 401 }),
    },
    'rate-limit': {
      reply: refusedWith(429, `${provider}-rate-limit`, { ...headers, 'retry-after': '12' }),
      sent: sent('rate-limit'),
      events: [],
      error: error({ code: 'rate_limit', providerStatus: 429, retryAfterSeconds: 12 }),
    },
    'server-error': {
      reply: refusedWith(500, `${provider}-server-error`, headers),
      sent: sent('server-error'),
      events: [],
      error: error({ code: 'provider_error', providerStatus: 500 }),
    },
    cut: {
      reply: { ...eventStream(`${provider}-cut`, headers), ending: 'cut' },
      sent: sent('cut'),
      events: [
        { type: 'text', text: 'The tide' },
        { type: 'text', text: ' turns' },
      ],
      error: error({ code: 'network_error' }),
    },
    'slow-first-token': {
      reply: { ...eventStream(`${provider}-cut`, headers), body: '', ending: 'silence' },
      sent: sent('slow-first-token'),
      events: [],
      // A deadline is ours: there is no answer of the provider to quote.
      error: { code: 'timeout', retryable: true, provider },
    },
    'malformed-chunk': {
      reply: eventStream(`${provider}-malformed-chunk`, headers),
      sent: sent('malformed-chunk'),
      events: [{ type: 'text', text: 'The tide' }],
      error: error({ code: 'provider_error' }),
    },
  }
}
