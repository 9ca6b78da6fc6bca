import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { bedrockLlmProvider } from '#shared/llm/bedrock-llm-provider.ts'
import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'
import { type ReplayServer, type Reply, startReplayServer } from '../../helpers/replay-server.ts'
import { BEDROCK_REQUEST_ID, bedrockFrames, bedrockStream } from '../../llm/bedrock-frames.ts'
import { WEATHER } from '../../llm/scenarios.ts'

/** What AWS's messages quote. */
const ROLE = 'arn:aws:sts::123456789012:assumed-role/planted'

let server: ReplayServer

beforeAll(async () => {
  server = await startReplayServer()
})
afterAll(() => server.close())
afterEach(() => vi.unstubAllEnvs())

const client = (endpoint = server.rootUrl) =>
  new BedrockRuntimeClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'planted' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  })

const { headers: STREAM_HEADERS = {} } = bedrockStream('text')

function call(reply: Reply, request: Partial<LlmRequest> = {}) {
  server.reply({ headers: STREAM_HEADERS, ...reply })
  return outcomeOf(bedrockLlmProvider({ client: client() }).stream(llmRequest('Hi', request), never()))
}

const refused = (status: number, type: string): Reply => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-requestid': BEDROCK_REQUEST_ID, 'x-amzn-errortype': type },
  chunks: [JSON.stringify({ message: `User: ${ROLE} is not authorized` })],
})

describe('bedrockLlmProvider', () => {
  it('keeps characters of several bytes', async () => {
    const { events } = await call({ chunks: Array.from(bedrockFrames('multi-byte'), (byte) => Uint8Array.of(byte)) })

    expect(textOf(events)).toBe('Grüße 世界 🚢👨‍👩‍👧 e\u0301')
  })

  it('makes a client of its own for the region and the role of the function', async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'planted')
    vi.stubEnv('AWS_ENDPOINT_URL', server.rootUrl)
    server.reply({ headers: STREAM_HEADERS, chunks: [bedrockFrames('text')] })

    const { events, error } = await outcomeOf(bedrockLlmProvider().stream(llmRequest('Hi'), never()))

    expect({ text: textOf(events), error }).toEqual({ text: 'The tide turns.', error: undefined })
    expect(server.requests.at(-1)?.headers.authorization).toContain('AKIAEXAMPLE')
  })

  it.each([
    [400, 'ValidationException', 'validation_error', false],
    [403, 'AccessDeniedException', 'authentication_error', false],
    [403, 'ExpiredTokenException', 'authentication_error', false],
    [403, 'SomethingNewException', 'authentication_error', false],
    [404, 'ResourceNotFoundException', 'validation_error', false],
    [408, 'ModelTimeoutException', 'timeout', true],
    [424, 'ModelErrorException', 'provider_error', true],
    [429, 'ThrottlingException', 'rate_limit', true],
    [429, 'ModelNotReadyException', 'provider_error', true],
    [429, 'SomethingNewException', 'rate_limit', true],
    [422, 'SomethingNewException', 'validation_error', false],
    [500, 'InternalServerException', 'provider_error', true],
    [503, 'ServiceUnavailableException', 'provider_error', true],
    [503, 'constructor', 'provider_error', true],
  ])('maps %i %s to %s, and asks once', async (status, type, code, retryable) => {
    const before = server.requests.length

    const { events, error } = await call(refused(status, type))

    expect(events).toEqual([])
    expect(error).toMatchObject({ code, retryable, providerStatus: status, providerRequestId: BEDROCK_REQUEST_ID })
    expect(error).toMatchObject({ providerCode: type })
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(ROLE)
    expect(server.requests.length - before).toBe(1)
  })

  it('maps an exception inside the stream by its name', async () => {
    const { events, error } = await call({ chunks: [bedrockFrames('throttled')] })

    expect(textOf(events)).toBe('The tide')
    expect(error).toMatchObject({ code: 'rate_limit', retryable: true, providerRequestId: BEDROCK_REQUEST_ID })
    expect(error).toMatchObject({ providerCode: 'ThrottlingException' })
  })

  it('fails for a call that the model wrote badly', async () => {
    const { error } = await call({ chunks: [bedrockFrames('malformed-tool-use')] })

    expect(error).toMatchObject({ code: 'provider_error', message: 'the model failed (malformed_tool_use)' })
  })

  it('fails for a frame whose checksum is wrong', async () => {
    const bytes = Buffer.from(bedrockFrames('text'))
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)

    expect((await call({ chunks: [bytes] })).error).toMatchObject({ code: 'provider_error' })
  })

  it('takes a stream without a stop for cut off', async () => {
    expect((await call({ chunks: [bedrockFrames('cut')] })).error).toMatchObject({ code: 'network_error', retryable: true })
  })

  it('maps a server that is not there', async () => {
    const gone = await startReplayServer()
    await gone.close()
    const { error } = await outcomeOf(bedrockLlmProvider({ client: client(gone.rootUrl) }).stream(llmRequest('Hi'), never()))

    expect(error).toMatchObject({ code: 'network_error', message: expect.stringContaining('ECONNREFUSED') })
  })

  it('leaves the connection when its consumer leaves, and at once when the signal aborts', async () => {
    server.reply({ headers: STREAM_HEADERS, chunks: [bedrockFrames('cut')], ending: 'silence' })
    const provider = bedrockLlmProvider({ client: client() })
    for await (const _ of provider.stream(llmRequest('Hi'), never())) break
    await server.closed()

    const controller = new AbortController()
    const reason = new Error('cancelled')
    let failure: unknown
    try {
      for await (const _ of provider.stream(llmRequest('Hi'), controller.signal)) controller.abort(reason)
    } catch (error) {
      failure = error
    }

    expect(failure).toBe(reason)
    await server.closed()
  })

  it('makes one turn of what follows each other in one role', async () => {
    const toolCalls = ['a', 'b'].map((callId) => ({ callId, toolName: 'weather', arguments: '{}' }))
    await call(
      { chunks: [bedrockFrames('text')] },
      {
        tools: [WEATHER],
        toolChoice: 'none',
        messages: [
          { role: 'user', content: 'Compare.' },
          { role: 'assistant', content: '', toolCalls },
          { role: 'tool', callId: 'a', toolName: 'weather', content: '7 °C' },
          { role: 'tool', callId: 'b', toolName: 'weather', content: '9 °C' },
          { role: 'user', content: 'And?' },
        ],
      },
    )

    expect(server.requests.at(-1)?.body).toMatchObject({
      messages: [
        { role: 'user' },
        { role: 'assistant', content: [{ toolUse: { toolUseId: 'a' } }, { toolUse: { toolUseId: 'b' } }] },
        {
          role: 'user',
          content: [{ toolResult: { toolUseId: 'a' } }, { toolResult: { toolUseId: 'b' } }, { text: 'And?' }],
        },
      ],
      // Calls in earlier turns are refused where no tools are named.
      toolConfig: { tools: [{ toolSpec: { name: 'weather' } }] },
    })
  })

  it('names no tools that are not to be called, where no turn needs them', async () => {
    await call({ chunks: [bedrockFrames('text')] }, { tools: [WEATHER], toolChoice: 'none' })

    expect(server.requests.at(-1)?.body).not.toHaveProperty('toolConfig')
  })

  it('sends images as they are', async () => {
    const data = createHash('sha256').update('image').digest()
    const content: Extract<LlmRequest['messages'][number], { role: 'user' }>['content'] = [
      { type: 'image', mediaType: 'image/jpeg', data },
    ]

    await call({ chunks: [bedrockFrames('text')] }, { messages: [{ role: 'user', content }] })

    expect(server.requests.at(-1)?.body).toMatchObject({
      messages: [{ content: [{ image: { format: 'jpeg', source: { bytes: data.toString('base64') } } }] }],
    })
  })
})
