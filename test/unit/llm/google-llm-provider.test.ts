import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { googleLlmProvider } from '#shared/llm/google-llm-provider.ts'
import type { LlmMessage, LlmRequest } from '#shared/llm/llm-provider.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'
import { type ReplayServer, type Reply, startReplayServer } from '../../helpers/replay-server.ts'
import { plainEvents } from '../../helpers/sse.ts'
import { fixture } from '../../llm/fixture.ts'
import { VERDICT_SCHEMA, WEATHER } from '../../llm/scenarios.ts'

const API_KEY = 'AIza-planted-3f9a7c'

let server: ReplayServer

beforeAll(async () => {
  server = await startReplayServer()
})
afterAll(() => server.close())
afterEach(() => vi.unstubAllEnvs())

const provider = (options: { headers?: Record<string, string> } = {}) =>
  googleLlmProvider({ apiKey: API_KEY, baseUrl: server.rootUrl, ...options })

function call(reply: Reply, request: Partial<LlmRequest> = {}) {
  server.reply(reply)
  return outcomeOf(provider().stream(llmRequest('Why do tides turn?', request), never()))
}

const refused = (code: number, status: string | undefined, details: object[] = []): Reply => ({
  status: code,
  headers: { 'content-type': 'application/json' },
  chunks: [JSON.stringify({ error: { code, status, details, message: `Bad key ${API_KEY}` } })],
})

const chunk = (parts: object[], finishReason?: string) => ({
  responseId: 'r1',
  candidates: [{ content: { parts }, finishReason }],
})

describe('googleLlmProvider', () => {
  it.each([
    ['STOP', 'end'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
    ['RECITATION', 'content_filter'],
    ['BLOCKLIST', 'content_filter'],
    ['PROHIBITED_CONTENT', 'content_filter'],
    ['SPII', 'content_filter'],
    ['constructor', 'end'],
  ])('takes the reason %s for %s', async (reason, expected) => {
    const { events } = await call({ chunks: [plainEvents(chunk([{ text: 'Hi' }], reason))] })

    expect(events.at(-1)).toEqual({ type: 'stop', reason: expected })
  })

  it.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'OTHER'])('fails for the reason %s', async (reason) => {
    const { error } = await call({ chunks: [plainEvents(chunk([], reason))] })

    expect(error).toMatchObject({ code: 'provider_error', retryable: true, message: `the model failed (${reason})` })
  })

  it('fails for a call that the model wrote badly, and ends for an answer that the filter broke off', async () => {
    const malformed = await call({ chunks: [fixture('google-malformed-call.txt')] })
    const filtered = await call({ chunks: [fixture('google-safety.txt')] })

    expect(malformed.error).toMatchObject({ code: 'provider_error', providerRequestId: 'mY4gadX1CsGt' })
    expect(textOf(filtered.events)).toBe('I will')
    expect(filtered.events.at(-1)).toEqual({ type: 'stop', reason: 'content_filter' })
  })

  it('keeps characters of several bytes', async () => {
    const { events } = await call({ chunks: Array.from(fixture('google-multi-byte.txt'), (byte) => Uint8Array.of(byte)) })

    expect(textOf(events)).toBe('Grüße 世界 🚢👨‍👩‍👧 e\u0301')
  })

  it('sends signatures back with the calls and the text that they came with', async () => {
    const functionCall = { name: 'weather', args: { city: 'Oslo' } }
    const parts = [
      { functionCall, thoughtSignature: 'c2lnLWNhbGw=' },
      { text: 'Wait.' },
      { text: '', thoughtSignature: 'c2lnLXRleHQ=' },
    ]
    const { events } = await call({ chunks: [plainEvents(chunk(parts, 'STOP'))] }, { tools: [WEATHER] })
    const state = events.flatMap((event) => (event.type === 'state' ? [event.state] : []))[0]
    const toolCalls = events.flatMap((event) => (event.type === 'tool_call' ? [event.call] : []))
    const [{ callId } = { callId: '' }] = toolCalls

    const messages: LlmMessage[] = [
      { role: 'user', content: 'What is the weather?' },
      { role: 'assistant', content: 'Wait.', toolCalls, state },
      { role: 'tool', callId, toolName: 'weather', content: '7 °C' },
    ]
    await call({ chunks: [fixture('google-text.txt')] }, { tools: [WEATHER], messages })

    expect(server.requests.at(-1)?.body).toMatchObject({
      contents: [
        { role: 'user' },
        {
          role: 'model',
          parts: [
            { text: 'Wait.', thoughtSignature: 'c2lnLXRleHQ=' },
            { functionCall: { id: callId, ...functionCall }, thoughtSignature: 'c2lnLWNhbGw=' },
          ],
        },
        { role: 'user', parts: [{ functionResponse: { id: callId, name: 'weather', response: { output: '7 °C' } } }] },
      ],
    })
  })

  it('leaves the schema to the prompt when there are functions', async () => {
    const output = { name: 'verdict', schema: VERDICT_SCHEMA }

    await call({ chunks: [fixture('google-text.txt')] }, { tools: [WEATHER], toolChoice: 'none', output })

    expect(server.requests.at(-1)?.body).toMatchObject({
      generationConfig: {},
      toolConfig: { functionCallingConfig: { mode: 'NONE' } },
    })
  })

  it.each([
    [400, 'INVALID_ARGUMENT', 'validation_error', false],
    [401, 'UNAUTHENTICATED', 'authentication_error', false],
    [403, 'PERMISSION_DENIED', 'authentication_error', false],
    [404, 'NOT_FOUND', 'validation_error', false],
    [429, 'RESOURCE_EXHAUSTED', 'rate_limit', true],
    [500, 'INTERNAL', 'provider_error', true],
    [503, 'UNAVAILABLE', 'provider_error', true],
    [504, 'DEADLINE_EXCEEDED', 'timeout', true],
    [408, undefined, 'timeout', true],
    [503, 'constructor', 'provider_error', true],
  ])('maps %i %s to %s, and asks once', async (status, name, code, retryable) => {
    const before = server.requests.length

    const { events, error } = await call(refused(status, name))

    expect(events).toEqual([])
    const known = name === 'constructor' ? undefined : name
    expect(error).toMatchObject({ code, retryable, providerStatus: status })
    expect(error).toHaveProperty('providerCode', known)
    expect(error).toHaveProperty('message', expect.stringContaining(`(${known ? `${status}, ${known}` : status})`))
    expect(server.requests.length - before).toBe(1)
  })

  it.each([
    ['12s', 12],
    ['0.5s', 0.5],
    ['soon', undefined],
  ])('takes the delay %s for %s seconds', async (retryDelay, seconds) => {
    const { error } = await call(refused(429, 'RESOURCE_EXHAUSTED', [{ reason: 'RATE' }, { retryDelay }]))

    expect(error).toMatchObject({ code: 'rate_limit' })
    expect(error).toHaveProperty('retryAfterSeconds', seconds)
  })

  it('maps an error in mid-stream, an error page, and a server that is not there', async () => {
    const inStream = await call({ chunks: [fixture('google-error.txt')] })
    const page = await call({ status: 502, headers: { 'content-type': 'text/html' }, chunks: ['<h1>Bad Gateway</h1>'] })
    const gone = await startReplayServer()
    await gone.close()
    const { error } = await outcomeOf(
      googleLlmProvider({ apiKey: API_KEY, baseUrl: gone.rootUrl }).stream(llmRequest('Hi'), never()),
    )

    expect(inStream.error).toMatchObject({ code: 'provider_error', providerStatus: 503 })
    expect(page.error).toMatchObject({ code: 'provider_error', providerStatus: 502 })
    expect(error).toMatchObject({ code: 'network_error', message: expect.stringContaining('ECONNREFUSED') })
  })

  it.each([
    ['ends without a reason', plainEvents(chunk([{ text: 'The tide' }])), 'network_error'],
    ['ends in the middle of a chunk', 'data: {"candidates":[', 'network_error'],
    ['has a chunk of another shape', plainEvents({ candidates: 'none' }), 'provider_error'],
  ])('says what is wrong with an answer that %s', async (_, body, code) => {
    expect((await call({ chunks: [body] })).error).toMatchObject({ code })
  })

  it('refuses a model that the SDK refuses', async () => {
    const before = server.requests.length

    const { error } = await call({}, { model: '../files?key=1' })

    expect(error).toMatchObject({ code: 'validation_error', retryable: false })
    expect(server.requests).toHaveLength(before)
  })

  it('leaves the connection when its consumer leaves, and at once when the signal aborts', async () => {
    server.reply({ chunks: [fixture('google-cut.txt')], ending: 'silence' })
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

  it('takes nothing from the environment, and sends the headers that it is made with', async () => {
    vi.stubEnv('GOOGLE_API_KEY', 'AIza-other')
    vi.stubEnv('GOOGLE_GENAI_USE_VERTEXAI', 'true')
    vi.stubEnv('GOOGLE_GEMINI_BASE_URL', 'http://127.0.0.1:9')
    server.reply({ chunks: [fixture('google-text.txt')] })

    const { error } = await outcomeOf(provider({ headers: { 'x-team': 'tides' } }).stream(llmRequest('Hi'), never()))

    expect(error).toBeUndefined()
    expect(server.requests.at(-1)?.headers).toMatchObject({ 'x-goog-api-key': API_KEY, 'x-team': 'tides' })
  })

  it('takes the key to no other origin', async () => {
    const other = await startReplayServer()
    const { error } = await call({ status: 307, headers: { location: `${other.rootUrl}/v1beta` } })

    expect(error).toMatchObject({ code: 'provider_error' })
    expect(other.requests).toEqual([])
    await other.close()
  })

  it('shows the key to the provider and to nobody else', async () => {
    const outcomes = [
      await call(refused(401, 'UNAUTHENTICATED')),
      await call({ chunks: [plainEvents({ error: { code: 400, status: 'INVALID_ARGUMENT', message: API_KEY } })] }),
      await call({ chunks: [`data: {"${API_KEY}"\n\n`] }),
      await call({ chunks: [fixture('google-cut.txt')], ending: 'cut' }),
    ]

    for (const { error } of outcomes) {
      expect(error).toHaveProperty('name', 'ProviderError')
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain(API_KEY)
    }
  })
})
