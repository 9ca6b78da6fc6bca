import { describe, expect, it } from 'vitest'
import { bucketRateLimiter } from '#shared/limits/bucket-rate-limiter.ts'
import { memoryBucketStore } from '#shared/limits/memory-bucket-store.ts'
import { memoryLimits } from '#shared/limits/memory-limits.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { tenantLimitsSchema } from '#shared/protocol/tenant-limits.ts'
import { ROUTES } from '../../../../functions/http/route-table.ts'
import { type HttpAnswer, httpCaller } from '../../../helpers/http-caller.ts'

const clock = { now: () => Date.parse('2026-11-21T09:30:00Z') }
const ORIGIN = 'https://app.example.com'
const ID = '019a0000-0000-7000-8000-000000000000'
const pathOf = (path: string): string => path.replaceAll(/\{[^}]+\}/g, ID)

const limitedTo = (requestsPerMinute: number, tenantRequestsPerMinute = 1_000) =>
  httpCaller(memoryLimits(clock, memoryLog(), { requestsPerMinute, tenantRequestsPerMinute }))

describe('rates', () => {
  it('refuse the 101st request of a caller in a minute, with the time to wait', async () => {
    const { call } = limitedTo(100)

    const answers: HttpAnswer[] = []
    for (let sent = 0; sent < 101; sent++) answers.push(await call('GET', '/v1/agents'))

    expect(answers.slice(0, 100).map(({ status }) => status)).toEqual(Array(100).fill(200))
    expect(answers[49]?.headers).toMatchObject({
      'ratelimit-policy': '"principal";q=100;w=60',
      ratelimit: '"principal";r=50;t=30',
    })
    expect(answers[100]).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1', 'ratelimit-policy': '"principal";q=100;w=60', ratelimit: '"principal";r=0;t=1' },
      body: { code: 'rate_limit', detail: '100 requests in 60 seconds are allowed to this principal' },
    })
  })

  it('let other callers through, until their tenant has none left', async () => {
    const { call, tokenOf } = limitedTo(3, 4)
    const bob = await tokenOf('acme', undefined, 'bob')
    for (let sent = 0; sent < 4; sent++) await call('GET', '/v1/agents')

    const answers = [await call('GET', '/v1/agents', { token: bob }), await call('GET', '/v1/agents', { token: bob })]

    expect(answers.map(({ status }) => status)).toEqual([200, 429])
    expect(answers[1]?.headers['ratelimit-policy']).toBe('"tenant";q=4;w=60')
  })

  it('are told on refusals of other kinds too', async () => {
    const { call, tokenOf } = limitedTo(100)

    const answers = [
      await call('GET', '/v1/agents/unknown'),
      await call('POST', '/v1/agents', { body: {} }),
      await call('GET', '/v1/agents', { token: await tokenOf('acme', []) }),
    ]

    expect(answers.map(({ status }) => status)).toEqual([404, 422, 403])
    for (const { headers } of answers) expect(headers.ratelimit).toMatch(/^"principal";r=\d+;t=\d+$/)
  })

  it('are not for strangers and not for what everybody may ask', async () => {
    const { call } = limitedTo(1)
    const statuses: number[] = []
    for (let sent = 0; sent < 3; sent++) {
      statuses.push((await call('GET', '/health')).status, (await call('GET', '/v1/agents', { token: null })).status)
    }

    expect(statuses).toEqual([200, 401, 200, 401, 200, 401])
    expect((await call('GET', '/v1/agents')).status).toBe(200)
  })

  it('let 200 requests at once of one caller through where a laptop is to be loaded', async () => {
    const { call } = limitedTo(6_000, 60_000)

    const answers = await Promise.all(Array.from({ length: 200 }, () => call('GET', '/v1/agents')))

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  })

  it('limit nobody when there is nothing to count with', async () => {
    const log = memoryLog()
    const broken = { ...memoryBucketStore(), take: async () => Promise.reject(new Error('no table')) }
    const { call } = httpCaller({
      rateLimiter: bucketRateLimiter({ buckets: broken, clock, log, requestsPerMinute: 1, tenantRequestsPerMinute: 1 }),
    })

    const answers = [await call('GET', '/v1/agents'), await call('GET', '/v1/agents')]

    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(answers[0]?.headers).not.toHaveProperty('ratelimit')
    expect(log.lines.map(({ code }) => code)).toEqual(['rate_limit_open', 'rate_limit_open'])
  })

  it('refuse everybody of a tenant that is being erased', async () => {
    const limits = memoryLimits(clock)
    const { call, tokenOf } = httpCaller(limits)
    await limits.gate.close('acme')

    expect(await call('GET', '/v1/agents')).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect((await call('GET', '/v1/agents', { token: await tokenOf('globex') })).status).toBe(200)
  })
})

describe('the id of a request', () => {
  it('is the caller’s where it is a safe one, and stands in answer, problem and log', async () => {
    const { call, log } = httpCaller()

    const answer = await call('GET', '/v1/agents/unknown', { headers: { 'X-Request-Id': 'trace-1:2/3' } })

    expect(answer).toMatchObject({ status: 404, headers: { 'x-request-id': 'trace-1:2/3' }, body: { requestId: 'trace-1:2/3' } })
    expect(log.lines.find(({ code }) => code === 'request_served')?.fields).toEqual({
      requestId: 'trace-1:2/3',
      gatewayRequestId: 'request-1',
      operation: 'getAgent',
      method: 'GET',
      status: 404,
      durationMs: expect.any(Number),
      tenant: 'acme',
    })
  })

  it.each(['', ' ', 'a b', 'ü', 'x'.repeat(129), 'a\r\nb: c', '<b>', '"'])('is ours in place of %j', async (id) => {
    const { call } = httpCaller()

    const answer = await call('GET', '/health', { headers: { 'X-Request-Id': id } })

    expect(answer.headers['x-request-id']).toBe('request-1')
  })

  it('is told where no route, no method and no caller was found', async () => {
    const { call } = httpCaller()

    const answers = [
      await call('GET', '/v1/nowhere'),
      await call('DELETE', '/health'),
      await call('GET', '/v1/agents', { token: null }),
    ]

    expect(answers.map(({ status }) => status)).toEqual([404, 405, 401])
    for (const { headers, body } of answers) expect([headers['x-request-id'], body.requestId]).toEqual(['request-1', 'request-1'])
  })
})

describe('pages of other origins', () => {
  it('may call every route with its methods when their origin is allowed', async () => {
    const { call } = httpCaller({ corsOrigins: [ORIGIN] })
    for (const [path, routes] of Map.groupBy(ROUTES, ({ path }) => path)) {
      const methods = [...routes.map(({ method }) => method), 'OPTIONS'].join(', ')

      const { status, headers } = await call('OPTIONS', pathOf(path), { token: null, headers: { Origin: ORIGIN } })

      expect({ path, status }).toEqual({ path, status: 204 })
      expect(headers).toMatchObject({
        allow: methods,
        vary: 'Origin',
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-methods': methods,
        'access-control-max-age': '600',
      })
      expect(headers['access-control-allow-headers']).toContain('Authorization, Content-Type, Idempotency-Key')
    }
  })

  it('may read every answer, also refusals', async () => {
    const { call } = httpCaller({ corsOrigins: [ORIGIN] })
    const headers = { Origin: ORIGIN }

    const answers = [
      await call('GET', '/v1/agents', { headers }),
      await call('GET', '/v1/agents', { headers, token: null }),
      await call('GET', '/v1/nowhere', { headers }),
    ]

    for (const answer of answers) {
      expect(answer.headers).toMatchObject({ 'access-control-allow-origin': ORIGIN, vary: 'Origin' })
      expect(answer.headers['access-control-expose-headers']).toMatch(/ETag.*Location.*RateLimit.*Retry-After.*X-Request-Id/)
      expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
    }
  })

  it.each([
    'https://evil.example.com',
    'https://app.example.com.evil.example.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    'null',
    '*',
  ])('are told nothing when they are %s', async (origin) => {
    const { call } = httpCaller({ corsOrigins: [ORIGIN] })

    const answers = [
      await call('OPTIONS', '/v1/agents', { token: null, headers: { Origin: origin } }),
      await call('GET', '/v1/agents', { headers: { Origin: origin } }),
    ]

    for (const { headers } of answers) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
      expect(headers.vary).toBe('Origin')
    }
  })

  it('do not exist where no origin is set', async () => {
    const { call } = httpCaller()

    const { headers } = await call('GET', '/v1/agents', { headers: { Origin: ORIGIN } })

    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-') || name === 'vary')).toEqual([])
  })
})

describe('quotas', () => {
  it('refuse executions beyond those of the day, until midnight UTC', async () => {
    const { call } = httpCaller(memoryLimits(clock, memoryLog(), { countExecutions: async () => 10, maxExecutionsPerDay: 10 }))
    await call('POST', '/v1/agents', {
      body: { agentId: 'writer', name: 'Writer', kind: 'llm', llm: { provider: 'scripted', model: 'm' } },
    })

    await call('POST', '/v1/agents/writer/start')

    const answer = await call('POST', '/v1/executions', { body: { agentId: 'writer', input: { content: 'Hi' } } })

    expect(answer).toMatchObject({
      status: 429,
      headers: { 'retry-after': String(14.5 * 3_600) },
      body: { code: 'quota_exceeded', detail: '10 executions were made today' },
    })
  })
})

describe('GET /v1/limits', () => {
  it('says what applies, and what is left', async () => {
    const { call, tokenOf } = httpCaller({
      ...memoryLimits(clock, memoryLog(), {
        requestsPerMinute: 100,
        tenantRequestsPerMinute: 1_000,
        countSockets: async () => 3,
      }),
      maxAgentsPerTenant: 7,
    })

    const { status, body } = await call('GET', '/v1/limits', { token: await tokenOf('acme', []) })

    expect(status).toBe(200)
    expect(tenantLimitsSchema.parse(body)).toEqual({
      rates: [
        { policy: 'principal', limit: 100, window: 60, remaining: 99, resetAfter: 1 },
        { policy: 'tenant', limit: 1_000, window: 60, remaining: 999, resetAfter: 1 },
      ],
      quotas: {
        agents: { limit: 7 },
        sockets: { limit: 1_000, used: 3 },
        executionsPerDay: { limit: 100_000, used: 0, resetAfter: 14.5 * 3_600 },
      },
      sizes: {
        requestBytes: 204_800,
        referencedBytes: 5_242_880,
        frameBytes: 32_768,
        jsonDepth: 30,
        jsonContainers: 100_000,
        queryCharacters: 4_096,
      },
    })
  })

  it('shows a tenant nothing of another', async () => {
    const { call, tokenOf } = limitedTo(100)
    await call('GET', '/v1/agents')

    const { body } = await call('GET', '/v1/limits', { token: await tokenOf('globex') })

    expect(body.rates).toMatchObject([{ remaining: 99 }, { remaining: 999 }])
  })
})
