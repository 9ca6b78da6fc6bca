import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openaiLlmProvider } from '#shared/llm/openai-llm-provider.ts'
import { type ScriptedLlm, startScriptedLlm } from '../../../localstack/scripted-llm/server.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'

const KEY = 'sk-planted-0ddba11'

let server: ScriptedLlm

beforeAll(async () => {
  server = await startScriptedLlm({ port: 0, switches: { rate: 0 } })
})
afterAll(() => server.close())
beforeEach(() => control({ reset: true }))

const root = () => server.url.replace(/\/v1$/, '')

async function control(body: object): Promise<Response> {
  return fetch(`${root()}/control`, { method: 'POST', body: JSON.stringify(body) })
}

async function calls(): Promise<{ count: number; calls: Record<string, unknown>[] }> {
  const response = await fetch(`${root()}/control/calls`)
  return (await response.json()) as { count: number; calls: Record<string, unknown>[] }
}

const TIMEOUTS = { connectMs: 10_000, firstTokenMs: 10_000, idleMs: 10_000, totalMs: 10_000 }
const provider = (timeouts = TIMEOUTS) => openaiLlmProvider({ apiKey: KEY, baseUrl: server.url, timeouts })

const ask = (prompt: string, overrides = {}) => outcomeOf(provider().stream(llmRequest(prompt, overrides), never()))

describe('the answer', () => {
  it('says hello when it is asked to', async () => {
    const { events, error } = await ask('Say hello in one sentence.')

    expect(error).toBeUndefined()
    expect(textOf(events)).toMatch(/^Hello\b[^.]*\.$/)
  })

  it('is the same for the same prompt, and without its directives', async () => {
    const plain = await ask('What is a fjord?')
    const directed = await ask('What is a fjord? [[thinking=0]]')

    expect(textOf(directed.events)).toBe(textOf(plain.events))
    expect(textOf((await ask('What is a delta?')).events)).not.toBe(textOf(plain.events))
  })

  it('has the length, the thinking and the usage that the switches say', async () => {
    const { events } = await ask('What is a fjord? [[tokens=300 thinking=7]]')

    expect(events.filter((event) => event.type === 'text')).toHaveLength(300)
    expect(events.filter((event) => event.type === 'thinking')).toHaveLength(7)
    expect(events.slice(-2)).toEqual([
      { type: 'usage', inputTokens: expect.any(Number), outputTokens: 307 },
      { type: 'stop', reason: 'end' },
    ])
  })

  it('leaves usage out', async () => {
    const { events } = await ask('Hi [[usage=0]]')

    expect(events.map((event) => event.type)).not.toContain('usage')
  })

  it('ends at the limit of tokens', async () => {
    const { events } = await ask('What is a fjord?', { maxTokens: 4 })

    expect(events.filter((event) => event.type === 'text')).toHaveLength(4)
    expect(events.at(-1)).toEqual({ type: 'stop', reason: 'length' })
  })

  it('has characters of several bytes', async () => {
    const { events } = await ask('Go [[utf8=1 tokens=150]]')

    expect(textOf(events)).toContain('世界')
    expect(textOf(events)).toContain('👨‍👩‍👧')
  })

  it('keeps its pace and waits before the first token', async () => {
    const start = performance.now()

    await ask('Go [[tokens=21 rate=200 delay=50]]')

    expect(performance.now() - start).toBeGreaterThanOrEqual(148)
  })

  it('comes in one piece when no stream is wanted', async () => {
    const client = new OpenAI({ apiKey: KEY, baseURL: server.url })

    const completion = await client.chat.completions.create({
      model: 'any',
      messages: [{ role: 'user', content: 'What is a fjord?' }],
    })

    expect(completion.choices[0]?.message.content).toBe(textOf((await ask('What is a fjord?')).events))
    expect(completion.choices[0]?.finish_reason).toBe('stop')
    expect(completion.usage?.completion_tokens).toBeGreaterThan(0)
  })
})

describe('tools', () => {
  const weather = {
    tools: [{ name: 'weather', description: 'now', parameters: { type: 'object', properties: { city: { type: 'string' } } } }],
  }
  const callOf = (city: string) => ({
    type: 'tool_call',
    call: { callId: expect.stringMatching(/^call_/), toolName: 'weather', arguments: `{"city":"${city}"}` },
  })

  it('are called as the prompt says, in pieces that the SDK puts together', async () => {
    const { events } = await ask('call weather {"city":"Rome"} and call weather {"city":"Bern"} at once', weather)

    expect(events).toEqual([
      callOf('Rome'),
      callOf('Bern'),
      expect.objectContaining({ type: 'usage' }),
      { type: 'stop', reason: 'tool_calls' },
    ])
  })

  it('are quoted when they have answered', async () => {
    const user = { role: 'user' as const, content: 'call weather {"city":"Rome"}' }
    const { events: first } = await ask(user.content, weather)
    const calls = first.flatMap((event) => (event.type === 'tool_call' ? [event.call] : []))
    const [{ callId = '' } = {}] = calls
    const messages = [
      user,
      { role: 'assistant' as const, content: '', toolCalls: calls },
      { role: 'tool' as const, callId, toolName: 'weather', content: '21 °C' },
    ]

    const { events, error } = await ask('', { ...weather, messages })

    expect(error).toBeUndefined()
    expect(textOf(events)).toBe('weather said: 21 °C')
  })

  it('cannot answer a call that nobody made', async () => {
    const messages = [
      { role: 'user' as const, content: 'Hi' },
      { role: 'tool' as const, callId: 'call_x', toolName: 'weather', content: '21 °C' },
    ]

    expect((await ask('', { messages })).error).toMatchObject({ providerStatus: 422 })
  })

  it('come in one piece when no stream is wanted', async () => {
    const completion = await new OpenAI({ apiKey: KEY, baseURL: server.url }).chat.completions.create({
      model: 'any',
      messages: [{ role: 'user', content: 'call weather {"city":"Rome"}' }],
      tools: [{ type: 'function', function: { name: 'weather' } }],
    })

    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [{ function: { name: 'weather', arguments: '{"city":"Rome"}' } }] },
    })
  })
})

describe('other answers', () => {
  const output = { name: 'verdict', schema: { type: 'object', properties: { verdict: { enum: ['APPROVE', 'REJECT'] } } } }

  it('are JSON that fits', async () => {
    const { events } = await ask('Say REJECT', { output })

    expect(JSON.parse(textOf(events))).toEqual({ verdict: 'REJECT' })
  })

  it('are JSON that is broken until somebody complains', async () => {
    const bad = textOf((await ask('Judge. [[badJson=1]]', { output })).events)
    const messages = [
      { role: 'user' as const, content: 'Judge.' },
      { role: 'assistant' as const, content: bad },
      { role: 'user' as const, content: 'That is no JSON. [[badJson=1]]' },
    ]

    expect(() => JSON.parse(bad)).toThrow()
    expect(JSON.parse(textOf((await ask('', { output, messages })).events))).toEqual({ verdict: 'APPROVE' })
  })

  it('say what an image is', async () => {
    const image = { type: 'image' as const, mediaType: 'image/webp' as const, data: new Uint8Array(300) }
    const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'See [[rate=0]]' }, image] }]

    expect(textOf((await ask('', { messages })).events)).toBe('I see an image of the type image/webp, 300 bytes long.')
  })

  it.each([
    ['refusal', 'refusal', 'I cannot help with that.'],
    ['length', 'length', expect.any(String)],
    ['content-filter', 'content_filter', expect.any(String)],
  ])('stop as the model %s says', async (model, reason, text) => {
    const { events } = await ask('What is a fjord?', { model })

    expect(textOf(events)).toEqual(text)
    expect(events.at(-1)).toEqual({ type: 'stop', reason })
  })

  it('say a refusal apart when no stream is wanted', async () => {
    const completion = await new OpenAI({ apiKey: KEY, baseURL: server.url }).chat.completions.create({
      model: 'refusal',
      messages: [{ role: 'user', content: 'Hi' }],
    })

    expect(completion.choices[0]?.message).toMatchObject({ content: null, refusal: 'I cannot help with that.' })
  })
})

describe('faults', () => {
  it.each([
    ['unauthorized', { code: 'authentication_error' }],
    ['rate-limited', { code: 'rate_limit', retryAfterSeconds: 1 }],
    ['server-error', { code: 'provider_error', providerStatus: 500 }],
    ['cut-off', { code: 'network_error' }],
    ['malformed', { code: 'provider_error' }],
  ])('are those of the model %s', async (model, failure) => {
    expect((await ask('What is a fjord?', { model })).error).toMatchObject(failure)
  })

  it('are a model that says nothing', async () => {
    const impatient = provider({ ...TIMEOUTS, firstTokenMs: 50 })

    const { error } = await outcomeOf(impatient.stream(llmRequest('Hi', { model: 'silent' }), never()))

    expect(error).toMatchObject({ code: 'timeout', message: 'no first token within 50 ms' })
  })

  it.each([
    ['status=429 retryAfter=3', { code: 'rate_limit', retryAfterSeconds: 3 }],
    ['status=401', { code: 'authentication_error' }],
    ['status=400', { code: 'context_length_exceeded' }],
    ['status=500', { code: 'provider_error', providerStatus: 500 }],
    ['malformed=5', { code: 'provider_error' }],
    ['error=5', { code: 'provider_error' }],
  ])('are made by [[%s]]', async (directive, failure) => {
    const { events, error } = await ask(`What is a fjord? [[${directive}]]`)

    expect(error).toMatchObject(failure)
    expect(events).toHaveLength(directive.startsWith('status') ? 0 : 5)
  })

  it('are cut connections', async () => {
    const { events, error } = await ask('What is a fjord? [[cut=5]]')

    // A client drops what it has not read when its connection breaks.
    expect(events.length).toBeLessThanOrEqual(5)
    expect(error).toMatchObject({ code: 'network_error' })
    expect(await calls()).toMatchObject({ calls: [{ tokens: 5 }] })
  })

  it('end after the first calls with the prompt', async () => {
    const prompt = 'What is a fjord? [[status=500 times=2]]'

    const codes = []
    for (let call = 0; call < 3; call += 1) codes.push((await ask(prompt)).error)

    expect(codes).toEqual([expect.anything(), expect.anything(), undefined])
  })

  it('are planned for the next calls', async () => {
    await control({ next: { calls: 1, switches: { status: 429 } } })

    expect((await ask('one')).error).toMatchObject({ code: 'rate_limit' })
    expect((await ask('two')).error).toBeUndefined()
  })

  it('fall silent', async () => {
    const impatient = provider({ ...TIMEOUTS, idleMs: 500 })

    const { events, error } = await outcomeOf(impatient.stream(llmRequest('Go [[stall=3]]'), never()))

    expect(events).toHaveLength(3)
    expect(error).toMatchObject({ code: 'timeout' })
  })

  it.each(['[[colour=red]]', '[[status=200]]', '[[tokens=many]]'])(
    'are refused when they do not exist: %s',
    async (directive) => {
      expect((await ask(directive)).error).toMatchObject({ code: 'validation_error', providerStatus: 422 })
    },
  )
})

describe('the server', () => {
  it('wants a key', async () => {
    const response = await fetch(`${server.url}/models`)

    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_api_key' } })
  })

  it('lists its models', async () => {
    const models = await new OpenAI({ apiKey: KEY, baseURL: server.url }).models.list()

    expect(models.data.map((model) => model.id)).toEqual(expect.arrayContaining(['scripted-1', 'rate-limited', 'refusal']))
  })

  it('answers 404 elsewhere and 422 to what is no JSON', async () => {
    const headers = { authorization: `Bearer ${KEY}` }

    expect((await fetch(`${server.url}/embeddings`, { method: 'POST', headers })).status).toBe(404)
    expect((await fetch(`${server.url}/chat/completions`, { method: 'POST', headers, body: '{' })).status).toBe(422)
  })

  it('keeps a record of the calls, without the key', async () => {
    await ask('Hi [[tokens=4]]')
    await ask('Hi [[tokens=4]]')

    const record = await calls()
    expect(record).toMatchObject({
      count: 2,
      calls: [
        { number: 1, attempt: 1, tokens: 4, status: 200, aborted: false, ended: true },
        { number: 2, attempt: 2, tokens: 4, status: 200, aborted: false, ended: true },
      ],
    })
    expect(JSON.stringify(record)).not.toContain(KEY)
  })

  it('stops when the client goes away', async () => {
    const controller = new AbortController()
    for await (const _ of provider().stream(llmRequest('Go [[tokens=1000 rate=100]]'), controller.signal)) {
      controller.abort()
      break
    }

    await expect.poll(async () => (await calls()).calls[0]).toMatchObject({ aborted: true, ended: true })
  })

  it('closes while calls are under way', async () => {
    const other = await startScriptedLlm({ port: 0 })
    const stream = openaiLlmProvider({ apiKey: KEY, baseUrl: other.url }).stream(llmRequest('Go [[stall=1]]'), never())
    const iterator = stream[Symbol.asyncIterator]()
    await iterator.next()

    await other.close()

    await expect(iterator.next()).rejects.toMatchObject({ code: 'network_error' })
  })
})
