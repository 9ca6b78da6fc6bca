import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { GuardedRoute, RouteRequest } from '../../../../functions/http/route.ts'
import { ROUTES } from '../../../../functions/http/route-table.ts'
import { serveRoute } from '../../../../functions/http/serve-route.ts'
import { eventOf, httpCaller } from '../../../helpers/http-caller.ts'

const isPost = (route: (typeof ROUTES)[number]): route is GuardedRoute => route.method === 'POST' && route.scope !== 'none'
const POSTS = ROUTES.filter(isPost)
const named = (kind: NonNullable<GuardedRoute['idempotency']>) =>
  POSTS.filter(({ idempotency = 'kept' }) => idempotency === kind).map((route) => [route.operation, route] as const)

/** The route with all that is around it, and in it something that counts how often it was done. */
async function aDoor(route: GuardedRoute, work: () => Promise<void> = async () => undefined) {
  const { dependencies, tokenOf } = httpCaller()
  const requests: RouteRequest[] = []
  const counting: GuardedRoute = {
    ...route,
    params: undefined,
    query: undefined,
    body: z.unknown(),
    async handle(request) {
      requests.push(request)
      await work()
      return { body: { done: requests.length }, headers: { location: `/things/${requests.length}` } }
    },
  }
  const send = async (body: unknown, { key = 'key-1', subject = 'ada', tenant = 'acme' } = {}) => {
    const token = await tokenOf(tenant, undefined, subject)
    const event = eventOf('POST', route.path, { headers: { 'idempotency-key': key }, body }, token)
    const headers = Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value]))
    return serveRoute(counting, { ...event, headers }, dependencies)
  }
  return { send, requests }
}

describe.each([...named('kept'), ...named('repeatable')])('%s', (_, route) => {
  it('is done once for a key, whose first answer is given again', async () => {
    const { send, requests } = await aDoor(route)

    const first = await send({ a: 1 })
    const again = await send({ a: 1 })

    expect(requests).toHaveLength(1)
    expect(again).toEqual({
      status: route.status,
      body: first.body,
      headers: { location: '/things/1', 'idempotency-replayed': 'true' },
    })
    await expect(send({ a: 2 })).rejects.toMatchObject({ code: 'conflict' })
  })

  it('is done for each caller and tenant by itself', async () => {
    const { send, requests } = await aDoor(route)

    await send({ a: 1 })
    await send({ a: 2 }, { subject: 'bob' })
    await send({ a: 3 }, { tenant: 'globex' })

    expect(requests).toHaveLength(3)
  })

  it('can be tried again after a refusal', async () => {
    let refusals = 1
    const { send, requests } = await aDoor(route, async () => {
      if (refusals-- > 0) throw new Error('not now')
    })

    await expect(send({ a: 1 })).rejects.toThrow('not now')
    await send({ a: 2 })

    expect(requests).toHaveLength(2)
  })
})

describe.each(named('kept'))('%s', (_, route) => {
  it('is done by one of two at once', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { send, requests } = await aDoor(route, () => promise)

    const first = send({ a: 1 })
    await expect.poll(() => requests.length).toBe(1)
    await expect(send({ a: 1 })).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 })
    resolve()

    expect((await first).body).toEqual({ done: 1 })
  })
})

describe.each(named('repeatable'))('%s', (_, route) => {
  it('waits for nobody who is at the same, and gives the first answer afterwards', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    let waiting = 1
    const { send, requests } = await aDoor(route, () => (waiting-- > 0 ? promise : Promise.resolve()))

    const first = send({ a: 1 })
    await expect.poll(() => requests.length).toBe(1)
    expect((await send({ a: 1 })).body).toEqual({ done: 2 })
    resolve()

    const { body } = await first
    expect((await send({ a: 1 })).body).toEqual(body)
    await expect(send({ a: 2 })).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe.each(named('derived'))('%s', (_, route) => {
  it('is given the key, of which it derives what it makes', async () => {
    const { send, requests } = await aDoor(route)

    await send({ a: 1 })

    expect(requests.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['key-1'])
  })
})

describe.each(named('refused'))('%s', (_, route) => {
  it('refuses the key, and does nothing', async () => {
    const { send, requests } = await aDoor(route)

    await expect(send({ a: 1 })).rejects.toMatchObject({ code: 'validation_error' })

    expect(requests).toEqual([])
  })
})

describe('every POST', () => {
  it('that derives an id by itself has a test of what a repetition does', () => {
    const operations = named('derived').map(([operation]) => operation)

    expect(operations.sort()).toEqual([
      'callAgentEndpoint',
      'createAgent',
      'createBatch',
      'createExecution',
      'createWebhook',
      'eraseTenant',
      'orchestratorExecuteTask',
      'retryExecution',
    ])
  })

  it('whose answer has a secret refuses the key, since answers are kept', () => {
    // The secret of a header is the name of a service, which has a pattern.
    const secret = /"(ticket|apiKey|token)":|"secret":(?!\{"type":"string","pattern")/
    const shown = POSTS.filter(({ response }) => secret.test(describedAnswer(response)))

    expect(named('refused').map(([operation]) => operation)).toEqual(expect.arrayContaining(['createApiKey', 'createTicket']))
    expect(shown.map(({ operation }) => operation)).toContain('createTicket')
    expect(shown.filter(({ idempotency }) => idempotency !== 'refused').map(({ operation }) => operation)).toEqual([])
  })

  it.each(['', 'x'.repeat(257), 'ü', 'a\tb'])('refuses the key %j', async (key) => {
    const { call } = httpCaller()

    const answer = await call('POST', '/v1/agents', { headers: { 'Idempotency-Key': key }, body: {} })

    expect(answer).toMatchObject({ status: 422, body: { code: 'validation_error' } })
  })
})

const describedAnswer = (response: z.ZodType): string =>
  JSON.stringify(z.toJSONSchema(response, { unrepresentable: 'any', io: 'output' }))

it('gives an answer that depends on scopes again to nobody who has others', async () => {
  const { call, tokenOf } = httpCaller()
  const ask = async (token?: string) =>
    call('POST', '/graphql', {
      body: { query: '{ agents { nodes { agentId } } }' },
      headers: { 'idempotency-key': 'key-1' },
      ...(token !== undefined && { token }),
    })

  expect(await ask()).toMatchObject({ status: 200, body: { data: { agents: { nodes: [] } } } })
  expect(await ask(await tokenOf('acme', ['topics:read']))).toMatchObject({ status: 409, body: { code: 'conflict' } })
})
