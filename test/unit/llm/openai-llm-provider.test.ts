import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openaiLlmProvider } from '#shared/llm/openai-llm-provider.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'
import { type ReplayServer, type Reply, startReplayServer } from '../../helpers/replay-server.ts'
import { fixture } from '../../llm/fixture.ts'

const API_KEY = 'sk-planted-3f9a7c'
const JSON_TYPE = { 'content-type': 'application/json', 'x-request-id': 'req_replay' }

let server: ReplayServer

beforeAll(async () => {
  server = await startReplayServer()
})
afterAll(() => server.close())

const TIMEOUTS = { connectMs: 10_000, firstTokenMs: 10_000, idleMs: 10_000, totalMs: 10_000 }

function call(reply: Reply, options: { timeouts?: typeof TIMEOUTS; signal?: AbortSignal } = {}) {
  server.reply(reply)
  const provider = openaiLlmProvider({ apiKey: API_KEY, baseUrl: server.url, timeouts: options.timeouts ?? TIMEOUTS })
  return outcomeOf(provider.stream(llmRequest('Why do tides turn?'), options.signal ?? never()))
}

const refusal = (status: number, error: object, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { ...JSON_TYPE, ...headers },
  chunks: [JSON.stringify({ error })],
})

/** What answers say that stand in no cell of the matrix. */
const ANSWERS = {
  'openai-content-filter': [
    { type: 'text', text: 'I will' },
    { type: 'stop', reason: 'content_filter' },
  ],
  'azure-content-filter': [
    { type: 'text', text: 'I will' },
    { type: 'stop', reason: 'content_filter' },
  ],
  'openai-multi-byte': [
    { type: 'text', text: 'Grüße 世界 ' },
    { type: 'text', text: '🚢👨‍👩‍👧' },
    { type: 'text', text: ' e\u0301' },
    { type: 'stop', reason: 'end' },
  ],
  'custom-vllm-reasoning': [
    { type: 'thinking', text: 'The moon' },
    { type: 'thinking', text: ' pulls.' },
    { type: 'text', text: 'Because of the moon.' },
    { type: 'stop', reason: 'end' },
  ],
  'custom-ollama-reasoning': [
    { type: 'thinking', text: 'The moon pulls.' },
    { type: 'text', text: 'Because of the moon.' },
    { type: 'stop', reason: 'end' },
  ],
} as const

/** How each broken answer ends. */
const FAILURES = [
  ['cut', 'end', 'The tide turns', 'network_error'],
  ['error', 'end', 'The tide', 'provider_error'],
  ['error-context', 'end', '', 'context_length_exceeded'],
  ['other-shape', 'end', '', 'provider_error'],
] as const

describe('openaiLlmProvider', () => {
  it.each(['text/html', 'application/json'])('says of an answer of %s that it may come from somewhere else', async (type) => {
    const { error } = await call({ status: 200, headers: { 'content-type': type }, chunks: ['<html>Sign in</html>'] })

    expect(error).toMatchObject({ code: 'network_error', message: expect.stringContaining('base URL') })
  })

  describe('answers', () => {
    it.each(Object.entries(ANSWERS))('maps the answer "%s"', async (name, events) => {
      expect(await call({ chunks: [fixture(`${name}.txt`)] })).toEqual({ events, error: undefined })
    })

    it.each(Object.entries(ANSWERS))('maps "%s" byte by byte', async (name, events) => {
      const chunks = Array.from(fixture(`${name}.txt`), (byte) => Uint8Array.of(byte))

      expect(await call({ chunks })).toEqual({ events, error: undefined })
    })

    it('takes a reason that it does not know for the end', async () => {
      const chunk = { choices: [{ delta: { content: 'Hi' }, finish_reason: 'constructor' }] }

      const { events } = await call({ chunks: [`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`] })

      expect(events.at(-1)).toEqual({ type: 'stop', reason: 'end' })
    })

    it('takes no cut for an end, wherever the connection breaks', { timeout: 120_000 }, async () => {
      const bytes = Buffer.from(fixture('openai-text.txt'))
      const complete = bytes.indexOf('"finish_reason":"stop"')
      for (let cut = 0; cut < complete; cut += 1) {
        const { events, error } = await call({ chunks: [bytes.subarray(0, cut)], ending: 'cut' })
        expect('The tide turns.').toContain(textOf(events))
        expect({ cut, error }).toMatchObject({ cut, error: { code: 'network_error', retryable: true } })
      }
    })
  })

  describe('failures', () => {
    it.each(FAILURES)('keeps what came before "%s" (%s) and says %s, %s', async (scenario, ending, text, code) => {
      const { events, error } = await call({ chunks: [fixture(`openai-${scenario}.txt`)], ending })

      expect(textOf(events)).toBe(text)
      expect(error).toMatchObject({ name: 'ProviderError', code, provider: 'openai', providerRequestId: 'req_replay' })
    })

    it.each([
      [400, { code: 'context_length_exceeded', type: 'invalid_request_error' }, 'context_length_exceeded', false],
      [400, { code: 'content_filter' }, 'content_filter', false],
      [400, { code: null, type: 'invalid_request_error', param: 'temperature' }, 'validation_error', false],
      [401, { code: 'invalid_api_key' }, 'authentication_error', false],
      [403, { code: 'unsupported_country_region_territory' }, 'authentication_error', false],
      [404, { code: 'model_not_found' }, 'validation_error', false],
      [408, {}, 'timeout', true],
      [422, {}, 'validation_error', false],
      [429, { code: 'rate_limit_exceeded', type: 'tokens' }, 'rate_limit', true],
      [429, { code: 'insufficient_quota' }, 'rate_limit', false],
      [500, { type: 'server_error' }, 'provider_error', true],
      [503, {}, 'provider_error', true],
      [503, { code: 'constructor' }, 'provider_error', true],
    ])('maps %i %j to %s', async (status, body, code, retryable) => {
      const { events, error } = await call(refusal(status, body))

      expect(events).toEqual([])
      expect(error).toMatchObject({ code, retryable, providerStatus: status, providerRequestId: 'req_replay' })
      const said = 'code' in body ? (body.code ?? body.type) : undefined
      expect(error).toHaveProperty('providerCode', said ?? ('type' in body ? body.type : undefined))
    })

    it('maps an error page that is no JSON', async () => {
      const { error } = await call({ status: 502, headers: { 'content-type': 'text/html' }, chunks: ['<h1>Bad Gateway</h1>'] })

      expect(error).toMatchObject({ code: 'provider_error', providerStatus: 502 })
    })

    it('passes on how long to wait', async () => {
      const { error } = await call(refusal(429, { code: 'rate_limit_exceeded' }, { 'retry-after': '12' }))

      expect(error).toMatchObject({ retryAfterSeconds: 12 })
    })

    it('says what is wrong by the names the provider has for it', async () => {
      const { error } = await call(refusal(404, { code: 'model_not_found', param: 'model', message: 'in organization org-7' }))

      expect(error).toHaveProperty('message', 'the provider answered with an error (404, model_not_found, model)')
    })

    it('maps a refused connection', async () => {
      const gone = await startReplayServer()
      await gone.close()
      const provider = openaiLlmProvider({ apiKey: API_KEY, baseUrl: gone.url })

      const { error } = await outcomeOf(provider.stream(llmRequest('Hi'), never()))

      expect(error).toMatchObject({ code: 'network_error', message: expect.stringContaining('ECONNREFUSED'), retryable: true })
    })
  })

  describe('waits', () => {
    it('gives up without a first token, and leaves the connection', async () => {
      const { error } = await call({ ending: 'silence' }, { timeouts: { ...TIMEOUTS, firstTokenMs: 50 } })

      expect(error).toMatchObject({ code: 'timeout', message: 'no first token within 50 ms' })
      await server.closed()
    })

    it('gives up when the tokens stop coming', async () => {
      const reply: Reply = { chunks: [fixture('openai-cut.txt')], ending: 'silence' }

      const { events, error } = await call(reply, { timeouts: { ...TIMEOUTS, idleMs: 50 } })

      expect(textOf(events)).toBe('The tide turns')
      expect(error).toMatchObject({ code: 'timeout', message: 'no further token within 50 ms' })
      await server.closed()
    })

    it.each(['before the answer', 'in mid-answer'])('leaves the connection at once when the signal aborts %s', async (when) => {
      const controller = new AbortController()
      const reason = new Error('cancelled')
      const chunks = when === 'in mid-answer' ? [fixture('openai-cut.txt')] : []

      const stopped = call({ chunks, ending: 'silence' }, { signal: controller.signal })
      const before = server.requests.length
      await expect.poll(() => server.requests.length).toBeGreaterThan(before)
      controller.abort(reason)

      expect((await stopped).error).toBe(reason)
      // No deadline of the call is as near as the end of the test's patience.
      await server.closed()
    })

    it('leaves the connection when the consumer leaves', async () => {
      server.reply({ chunks: [fixture('openai-cut.txt')], ending: 'silence' })
      const provider = openaiLlmProvider({ apiKey: API_KEY, baseUrl: server.url })

      for await (const _ of provider.stream(llmRequest('Hi'), never())) break

      await server.closed()
    })
  })

  describe('requests', () => {
    it('asks for a stream with usage, and says nothing it was not told', async () => {
      await call({ chunks: [fixture('openai-text.txt')] })

      expect(server.requests.at(-1)?.body).toEqual({
        model: 'answer',
        messages: [{ role: 'user', content: 'Why do tides turn?' }],
        stream: true,
        stream_options: { include_usage: true },
      })
    })
  })

  it('shows the key to the provider and to nobody else', async () => {
    const quoting = { message: `Incorrect API key provided: ${API_KEY}.`, type: 'invalid_request_error', code: 'invalid_api_key' }
    const { error: refused } = await call(refusal(401, quoting, { 'www-authenticate': API_KEY }))
    const { error: inStream } = await call({ chunks: [`data: ${JSON.stringify({ error: quoting })}\n\n`] })
    const { error: cut } = await call({ chunks: [fixture('openai-cut.txt')], ending: 'cut' })
    const { error: malformed } = await call({ chunks: [`data: {"${API_KEY}"\n\n`] })

    expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${API_KEY}`)
    for (const error of [refused, inStream, cut, malformed]) {
      expect(error).toHaveProperty('name', 'ProviderError')
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain(API_KEY)
    }
  })
})
