import { describe, expect, it } from 'vitest'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { problemSchema } from '#shared/protocol/problem.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

/** A function whose agents cannot be listed. */
const failingWith = (error: unknown) => httpCaller({ agents: { ...memoryAgentStore(), list: () => Promise.reject(error) } })

describe('routing', () => {
  it.each([['/v2/agents'], ['/v1'], ['/v1/agents/a/b'], ['/v1/__proto__'], ['/v1/agents//'], ['/']])(
    'does not know %s',
    async (path) => {
      expect(await httpCaller().call('GET', path)).toMatchObject({ status: 404, body: { code: 'not_found' } })
    },
  )

  it.each([
    ['DELETE', '/v1/agents', 'POST, GET'],
    ['GET', '/v1/tickets', 'POST'],
    ['PUT', '/v1/agents/some', 'GET, PATCH, DELETE'],
    ['POST', '/health', 'GET'],
  ])('has no %s of %s', async (method, path, allow) => {
    expect(await httpCaller().call(method, path)).toMatchObject({
      status: 405,
      body: { code: 'method_not_allowed' },
      headers: { allow },
    })
  })
})

describe('request bodies', () => {
  const publish = '/v1/topics/questions/messages'

  it('may come in base64', async () => {
    const { call, bus } = httpCaller()

    await call('POST', publish, { body: { data: '¿Why?' }, base64: true })

    expect(bus.published[0]?.envelope.data).toBe('¿Why?')
  })

  it.each([['{"data":'], [''], ["{'data': 1}"]])('that are no JSON are refused: %j', async (body) => {
    expect(await httpCaller().call('POST', publish, { body })).toMatchObject({
      status: 422,
      body: { code: 'validation_error', detail: 'the request body is not JSON' },
    })
  })

  it('are measured in bytes, before and after base64', async () => {
    const { call } = httpCaller()
    const body = { data: 'é'.repeat(MAX_REFERENCED_BYTES / 2) }

    expect(await call('POST', publish, { body })).toMatchObject({ status: 413, body: { code: 'payload_too_large' } })
    expect(await call('POST', publish, { body, base64: true })).toMatchObject({ status: 413 })
  })
})

describe('problems', () => {
  it('are problems of RFC 9457, never kept and never guessed to be something else', async () => {
    const answer = await httpCaller().call('GET', '/v1/agents/nobody')

    expect(problemSchema.parse(answer.body)).toEqual({
      type: 'urn:sluice:error:not_found',
      title: 'Not found',
      status: 404,
      code: 'not_found',
      detail: 'agent "nobody" does not exist',
      instance: '/v1/agents/nobody',
      requestId: 'request-1',
    })
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
  })

  it.each([
    ['/v1/agents/sk-proj-0123456789abcdef', '/v1/agents/%E2%80%A6'],
    ['/v1/agents/größe?token=1', '/v1/agents/%E2%80%A6'],
    ['/v9', '/v9'],
  ])('are about %s as %s', async (path, instance) => {
    expect(await httpCaller().call('GET', path)).toMatchObject({ body: { instance } })
  })

  it('say what the provider of a model said', async () => {
    const error = new ProviderError('rate_limit', 'limited', { provider: 'google', providerStatus: 429, providerRequestId: 'r1' })

    expect(await failingWith(error).call('GET', '/v1/agents', { injected: true })).toMatchObject({
      body: { code: 'rate_limit', provider: { name: 'google', status: 429, requestId: 'r1' } },
    })
  })

  it('keep to themselves what went wrong on our side', async () => {
    const { call, log } = failingWith(new TypeError('cannot read "password" of T#acme'))

    const answer = await call('GET', '/v1/agents', { injected: true })

    expect(answer).toMatchObject({ status: 500, body: { code: 'internal', requestId: 'request-1' } })
    expect(JSON.stringify(answer)).not.toContain('password')
    expect(log.lines.filter(({ code }) => code !== 'request_served')).toMatchObject([
      {
        level: 'error',
        code: 'request_failed',
        fields: { path: '/v1/agents', error: { message: expect.stringContaining('password') } },
      },
    ])
  })

  it.each([
    [new SluiceError('queue_full', 'too much', { retryAfterSeconds: 2.5 }), 429, '3'],
    [new SluiceError('unavailable', 'not now'), 503, '1'],
    [Object.assign(new Error('slow down'), { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } }), 503, '1'],
  ])('say when to come back: %s', async (error, status, pause) => {
    const answer = await failingWith(error).call('GET', '/v1/agents', { injected: true })

    expect(answer).toMatchObject({ status, headers: { 'retry-after': pause } })
  })

  it('are logged as refusals when they are the caller’s, without what he sent', async () => {
    const { call, log } = httpCaller()

    await call('POST', '/v1/agents', { body: { name: 'a secret' } })

    expect(log.lines.filter(({ code }) => code !== 'request_served')).toEqual([
      {
        level: 'info',
        code: 'request_refused',
        fields: { requestId: 'request-1', method: 'POST', path: '/v1/agents', code: 'validation_error' },
      },
    ])
  })
})
