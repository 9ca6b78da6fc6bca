import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { anthropicLlmProvider } from '#shared/llm/anthropic-llm-provider.ts'
import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'
import { type ReplayServer, type Reply, startReplayServer } from '../../helpers/replay-server.ts'
import { typedEvents } from '../../helpers/sse.ts'
import { fixture } from '../../llm/fixture.ts'
import { WEATHER } from '../../llm/scenarios.ts'

const API_KEY = 'sk-ant-planted-3f9a7c'
const SOURCE = { 'content-type': 'text/event-stream', 'request-id': 'req_a1' }

let server: ReplayServer

beforeAll(async () => {
  server = await startReplayServer()
})
afterAll(() => server.close())
afterEach(() => vi.unstubAllEnvs())

const provider = (options: { headers?: Record<string, string> } = {}) =>
  anthropicLlmProvider({ apiKey: API_KEY, baseUrl: server.rootUrl, ...options })

function call(reply: Reply, request: Partial<LlmRequest> = {}) {
  server.reply({ headers: SOURCE, ...reply })
  return outcomeOf(provider().stream(llmRequest('Why do tides turn?', request), never()))
}

const refused = (status: number, type: string | undefined, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json', 'request-id': 'req_a1', ...headers },
  chunks: [JSON.stringify({ type: 'error', error: { type, message: `Bad key ${API_KEY}` } })],
})

const START = { type: 'message_start', message: { usage: { input_tokens: 3, output_tokens: 1 } } }
const end = (stop_reason: string) => ({ type: 'message_delta', delta: { stop_reason }, usage: { output_tokens: 2 } })
const answer = (...events: Parameters<typeof typedEvents>): Reply => ({ chunks: [typedEvents(START, ...events)] })

const brokenCall = [
  { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} } },
  { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"ci' } },
  { type: 'content_block_stop', index: 0 },
]

describe('anthropicLlmProvider', () => {
  it.each([
    ['end_turn', 'end'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['pause_turn', 'length'],
    ['stop_sequence', 'stop_sequence'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'refusal'],
    ['constructor', 'end'],
  ])('takes the reason %s for %s', async (reason, expected) => {
    const { events, error } = await call(answer(end(reason), { type: 'message_stop' }))

    expect(error).toBeUndefined()
    expect(events.at(-1)).toEqual({ type: 'stop', reason: expected })
  })

  it('keeps characters of several bytes', async () => {
    const bytes = fixture('anthropic-multi-byte.txt')
    const { events } = await call({ chunks: Array.from(bytes, (byte) => Uint8Array.of(byte)) })

    expect(textOf(events)).toBe('Grüße 世界 🚢👨‍👩‍👧 e\u0301')
  })

  it('tells of no call that the limit broke off', async () => {
    const { events } = await call(answer(...brokenCall, end('max_tokens')), { tools: [WEATHER] })

    expect(events.map((event) => event.type)).toEqual(['usage', 'stop'])
  })

  it('leaves out events, blocks and deltas that it does not know', async () => {
    const reply = answer(
      { type: 'content_block_start', index: 0, content_block: { type: 'hologram', depth: 3 } },
      { type: 'content_block_delta', index: 0, delta: { type: 'hologram_delta', light: 1 } },
      { type: 'aurora', colour: 'green' },
      end('end_turn'),
    )

    expect((await call(reply)).events.map((event) => event.type)).toEqual(['usage', 'stop'])
  })

  it.each([
    ['an event of another shape', [{ type: 'content_block_stop', index: 'first' }]],
    ['a delta of no block', [{ type: 'content_block_delta', index: -1, delta: {} }]],
  ])('ends at %s', async (_, events) => {
    expect((await call(answer(...events, end('end_turn')))).error).toMatchObject({ code: 'provider_error' })
  })

  it.each([
    [400, 'invalid_request_error', 'validation_error', false],
    [401, 'authentication_error', 'authentication_error', false],
    [402, 'billing_error', 'rate_limit', false],
    [403, 'permission_error', 'authentication_error', false],
    [404, 'not_found_error', 'validation_error', false],
    [408, undefined, 'timeout', true],
    [413, 'request_too_large', 'context_length_exceeded', false],
    [413, undefined, 'context_length_exceeded', false],
    [422, undefined, 'validation_error', false],
    [429, 'rate_limit_error', 'rate_limit', true],
    [500, 'api_error', 'provider_error', true],
    [502, undefined, 'provider_error', true],
    [504, 'timeout_error', 'timeout', true],
    [529, 'overloaded_error', 'provider_error', true],
    [500, 'constructor', 'provider_error', true],
  ])('maps %i %s to %s, and asks once', async (status, type, code, retryable) => {
    const before = server.requests.length

    const { events, error } = await call(refused(status, type))

    expect(events).toEqual([])
    expect(error).toMatchObject({ code, retryable, providerStatus: status, providerRequestId: 'req_a1' })
    expect(error).toHaveProperty('providerCode', type === 'constructor' ? undefined : type)
    expect(server.requests.length - before).toBe(1)
  })

  it('maps an error in mid-stream by its type', async () => {
    const { events, error } = await call({ chunks: [fixture('anthropic-error.txt')] })

    expect(textOf(events)).toBe('The tide')
    expect(error).toMatchObject({ code: 'provider_error', retryable: true, providerRequestId: 'req_a1' })
  })

  it('maps an error page that is no JSON, and a server that is not there', async () => {
    const page = await call({ status: 502, headers: { 'content-type': 'text/html' }, chunks: ['<h1>Bad Gateway</h1>'] })
    const gone = await startReplayServer()
    await gone.close()
    const { error } = await outcomeOf(
      anthropicLlmProvider({ apiKey: API_KEY, baseUrl: gone.rootUrl }).stream(llmRequest('Hi'), never()),
    )

    expect(page.error).toMatchObject({ code: 'provider_error', providerStatus: 502 })
    expect(error).toMatchObject({ code: 'network_error', message: expect.stringContaining('ECONNREFUSED') })
  })

  it('leaves the connection when its consumer leaves, and at once when the signal aborts', async () => {
    server.reply({ headers: SOURCE, chunks: [fixture('anthropic-cut.txt')], ending: 'silence' })
    for await (const _ of provider().stream(llmRequest('Hi'), never())) break
    await server.closed()

    const controller = new AbortController()
    const reason = new Error('cancelled')
    let failure: unknown
    try {
      for await (const _ of provider().stream(llmRequest('Hi'), controller.signal)) controller.abort(reason)
    } catch (error) {
      failure = error
    }

    expect(failure).toBe(reason)
    await server.closed()
  })

  it('takes nothing from the environment', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'sk-ant-other')
    vi.stubEnv('ANTHROPIC_AUTH_TOKEN', 'other-token')
    vi.stubEnv('ANTHROPIC_BASE_URL', 'http://127.0.0.1:9')

    const { error } = await call({ chunks: [fixture('anthropic-text.txt')] })

    expect(error).toBeUndefined()
    expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${API_KEY}`)
    expect(JSON.stringify(server.requests.at(-1)?.headers)).not.toContain('other')
  })

  it('sends the headers that it is made with', async () => {
    server.reply({ headers: SOURCE, chunks: [fixture('anthropic-text.txt')] })

    await outcomeOf(provider({ headers: { 'x-team': 'tides' } }).stream(llmRequest('Hi'), never()))

    expect(server.requests.at(-1)?.headers['x-team']).toBe('tides')
  })

  it('takes the key to no other origin', async () => {
    const other = await startReplayServer()
    const { error } = await call({ status: 307, headers: { location: `${other.rootUrl}/v1/messages` } })

    expect(error).toMatchObject({ code: 'provider_error' })
    expect(other.requests).toEqual([])
    await other.close()
  })

  it('names no schema that would have to be empty', async () => {
    const open = { type: 'object', properties: { scores: { type: 'object', additionalProperties: { type: 'number' } } } }

    await call({ chunks: [fixture('anthropic-text.txt')] }, { output: { name: 'scores', schema: open } })
    await call({ chunks: [fixture('anthropic-text.txt')] }, { output: { name: 'any', schema: { description: 'Anything' } } })

    for (const { body } of server.requests.slice(-2)) expect(body).not.toHaveProperty('output_config')
  })

  it('does not think about a call that is forced', async () => {
    await call({ chunks: [fixture('anthropic-text.txt')] }, { tools: [WEATHER], toolChoice: 'required', reasoningEffort: 'high' })

    expect(server.requests.at(-1)?.body).toMatchObject({ tool_choice: { type: 'any' }, output_config: { effort: 'high' } })
    expect(server.requests.at(-1)?.body).not.toHaveProperty('thinking')
  })

  it('shows the key to the provider and to nobody else', async () => {
    const quoting = typedEvents({ type: 'error', error: { type: 'authentication_error', message: `Bad key ${API_KEY}` } })
    const outcomes = [
      await call(refused(401, 'authentication_error', { 'www-authenticate': API_KEY })),
      await call({ chunks: [quoting] }),
      await call({ chunks: [`event: message_start\ndata: {"${API_KEY}"\n\n`] }),
      await call({ chunks: [fixture('anthropic-cut.txt')], ending: 'cut' }),
    ]

    for (const { error } of outcomes) {
      expect(error).toHaveProperty('name', 'ProviderError')
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain(API_KEY)
    }
  })
})
