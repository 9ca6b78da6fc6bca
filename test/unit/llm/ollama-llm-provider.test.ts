import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ollamaLlmProvider } from '#shared/llm/ollama-llm-provider.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'
import { type ReplayServer, type Reply, startReplayServer } from '../../helpers/replay-server.ts'
import { fixture } from '../../llm/fixture.ts'
import { WEATHER } from '../../llm/scenarios.ts'

let server: ReplayServer

beforeAll(async () => {
  server = await startReplayServer()
})
afterAll(() => server.close())
afterEach(() => vi.restoreAllMocks())

const provider = (apiKey?: string) => ollamaLlmProvider({ baseUrl: server.rootUrl, apiKey })

function call(reply: Reply, overrides = {}) {
  server.reply(reply)
  return outcomeOf(provider().stream(llmRequest('Hi', overrides), never()))
}

const line = (value: object): string => `${JSON.stringify(value)}\n`
const done = line({ message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' })

describe('ollamaLlmProvider', () => {
  it('keeps what came before an error of the model, and drops its text', async () => {
    const { events, error } = await call({ chunks: [fixture('ollama-error.txt')] })

    expect(textOf(events)).toBe('The tide')
    expect(error).toMatchObject({ code: 'provider_error', retryable: true, message: 'the provider broke off with an error' })
  })

  it.each(['cut', 'end'] as const)('takes no %s for the end of the answer', async (ending) => {
    const { events, error } = await call({ chunks: [fixture('ollama-cut.txt')], ending })

    expect('The tide turns').toContain(textOf(events))
    expect(error).toMatchObject({ code: 'network_error', retryable: true })
  })

  it('says that a model is missing by the status', async () => {
    const { error } = await call({ status: 404, chunks: [fixture('ollama-error-model.json')] })

    expect(error).toMatchObject({
      code: 'validation_error',
      providerStatus: 404,
      message: 'the provider answered with an error (404)',
    })
  })

  it.each([
    ['text', { message: { content: 7 } }],
    ['a call', { message: { tool_calls: [{ function: { name: '' } }] } }],
    ['arguments', { message: { tool_calls: [{ function: { name: 'weather', arguments: '{}' } }] } }],
  ])('does not take %s of another shape', async (_, value) => {
    const { error } = await call({ chunks: [line(value), done] })

    expect(error).toMatchObject({ code: 'provider_error', message: 'the provider sent an event of another shape' })
  })

  it('takes a line that is not ended, an empty one, and counts that are missing', async () => {
    const { events, error } = await call({ chunks: [`\n${line({ message: { content: 'Hi' } })}\n`, done.trim()] })

    expect(error).toBeUndefined()
    expect(events).toEqual([
      { type: 'text', text: 'Hi' },
      { type: 'usage', inputTokens: 0, outputTokens: 0 },
      { type: 'stop', reason: 'end' },
    ])
  })

  it('takes characters that are split between two reads', async () => {
    const bytes = Buffer.from(line({ message: { content: '世界 👨‍👩‍👧' } }) + done)

    const { events } = await call({ chunks: Array.from(bytes, (byte) => Uint8Array.of(byte)) })

    expect(textOf(events)).toBe('世界 👨‍👩‍👧')
  })

  it('leaves tools out when none may be called', async () => {
    await call({ chunks: [done] }, { tools: [WEATHER], toolChoice: 'none' })

    expect(server.requests.at(-1)?.body).not.toHaveProperty('tools')
  })

  it('sends a key where there is one, and follows nobody elsewhere', async () => {
    server.reply({ status: 307, headers: { location: 'http://127.0.0.1:9/' } })

    const { error } = await outcomeOf(provider('planted-key').stream(llmRequest('Hi'), never()))

    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer planted-key')
    expect(error).toMatchObject({ code: 'provider_error' })
  })

  it('writes nothing on the console', async () => {
    const spies = (['log', 'warn', 'error'] as const).map((level) => vi.spyOn(console, level))

    await call({ chunks: [fixture('ollama-malformed-chunk.txt')] })
    await call({ status: 500, headers: { 'content-type': 'text/plain' }, chunks: ['oops'] })
    await call({ status: 500, headers: { 'content-type': 'application/json' }, chunks: ['{'] })

    for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  })

  it.each(['when the signal aborts', 'when the consumer leaves'])('leaves the connection %s', async (when) => {
    server.reply({ chunks: [fixture('ollama-cut.txt')], ending: 'silence' })
    const controller = new AbortController()
    const reason = new Error('cancelled')

    const ending = outcomeOf(
      (async function* () {
        for await (const event of provider().stream(llmRequest('Hi'), controller.signal)) {
          yield event
          if (when === 'when the consumer leaves') return
          controller.abort(reason)
        }
      })(),
    )

    expect((await ending).error).toBe(when === 'when the consumer leaves' ? undefined : reason)
    await server.closed()
  })

  it('calls a server that is not there a network error', async () => {
    const gone = await startReplayServer()
    await gone.close()
    const nowhere = ollamaLlmProvider({ baseUrl: gone.rootUrl })

    const { error } = await outcomeOf(nowhere.stream(llmRequest('Hi'), never()))

    expect(error).toMatchObject({ code: 'network_error', message: expect.stringContaining('ECONNREFUSED') })
  })
})
