import { createHmac } from 'node:crypto'
import { UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { createApiKey } from '#shared/access/create-api-key.ts'
import { requireChannel } from '#shared/access/require-channel.ts'
import { requireScope, requireUnbound } from '#shared/access/require-scope.ts'
import { issueTicket } from '#shared/access/tickets.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { executionChannel } from '#shared/protocol/channel.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { anExecution } from '../../helpers/executions.ts'
import { httpCaller, TOKEN_SECRET } from '../../helpers/http-caller.ts'
import { socketDoor } from '../../helpers/socket-door.ts'
import { streamDoor } from '../../helpers/stream-door.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z')
const root: VerifiedPrincipal = { subject: 'root', tenant: 'acme', scopes: SCOPES, expiresAt: NOW + 3_600_000 }
const errorOf = (code: string) => [{ message_type: 'error', payload: { code } }]

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = { iss: 'sluice', aud: 'sluice', sub: 'eve', tenant: 'acme', scope: '*', roles: ['admin'], exp: NOW / 1_000 + 600 }
function forged(header: object, payload: object = claims, secret = ''): string {
  const signed = `${part(header)}.${part(payload)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

describe('a token that was tampered with', () => {
  it.each<[string, string]>([
    ['alg none', new UnsecuredJWT(claims).encode()],
    ['alg None', `${part({ alg: 'None' })}.${part(claims)}.`],
    ['an empty secret', forged({ alg: 'HS256' })],
    ['a guessed secret', forged({ alg: 'HS256' }, claims, 'secret')],
    ['another algorithm in its header', forged({ alg: 'RS256' }, claims, TOKEN_SECRET)],
    ['a type that is none of ours', forged({ alg: 'HS256', b64: false, crit: ['b64'] }, claims, TOKEN_SECRET)],
    ['a critical header that nobody knows', forged({ alg: 'HS256', crit: ['admin'], admin: true }, claims, TOKEN_SECRET)],
    ['a kid that leads out', forged({ alg: 'HS256', kid: '../../dev/null' })],
    ['another issuer', forged({ alg: 'HS256' }, { ...claims, iss: 'https://evil.example' }, TOKEN_SECRET)],
    ['no issuer', forged({ alg: 'HS256' }, { ...claims, iss: undefined }, TOKEN_SECRET)],
    ['an audience among others that is not us', forged({ alg: 'HS256' }, { ...claims, aud: ['sluice2'] }, TOKEN_SECRET)],
    ['a tenant that would break out of a key', forged({ alg: 'HS256' }, { ...claims, tenant: 'acme#APIKEYS' }, TOKEN_SECRET)],
    ['a tenant in another alphabet', forged({ alg: 'HS256' }, { ...claims, tenant: 'аcme' }, TOKEN_SECRET)],
    ['an end that is no number', forged({ alg: 'HS256' }, { ...claims, exp: '9999999999' }, TOKEN_SECRET)],
    ['9 kB', forged({ alg: 'HS256' }, { ...claims, x: 'x'.repeat(9_000) }, TOKEN_SECRET)],
  ])('opens nothing: %s', async (_what, token) => {
    const { call } = httpCaller()
    expect(await call('GET', '/v1/agents', { token })).toMatchObject({ status: 401, body: { code: 'unauthorized' } })

    const door = socketDoor()
    expect(await door.connect({ headers: { Authorization: `Bearer ${token}` } })).toMatchObject({ statusCode: 401 })

    const stream = await streamDoor()
    await stream.withExecution()
    const { head } = await stream.get({ headers: { 'x-sluice-authorization': `Bearer ${token}` } })
    expect(head).toMatchObject({ statusCode: 401 })
  })
})

describe('brute force', () => {
  const guess = (index: number) => forged({ alg: 'HS256' }, claims, `guess-${index}`)

  it('is told to wait, and does not lock out whoever has good credentials', async () => {
    const { call } = httpCaller()
    const statuses: number[] = []
    for (let index = 0; index < 30; index += 1) statuses.push((await call('GET', '/v1/agents', { token: guess(index) })).status)
    const last = await call('GET', '/v1/agents', { token: guess(31) })

    expect(statuses.filter((status) => status === 401)).toHaveLength(20)
    expect(last).toMatchObject({ status: 429, body: { code: 'rate_limit' }, headers: { 'retry-after': '60' } })
    expect(await call('GET', '/v1/agents')).toMatchObject({ status: 200 })
  })

  it('of keys and tickets is counted with that of tokens', async () => {
    const { call } = httpCaller()
    for (let index = 0; index < 20; index += 1)
      await call('GET', '/v1/agents', { token: null, headers: { 'x-api-key': `slk_${index}` } })

    expect(await call('GET', '/v1/agents', { token: guess(1) })).toMatchObject({ status: 429 })
  })

  it('does not count whoever shows nothing, or comes back with what has just ended', async () => {
    const { call } = httpCaller()
    const over = forged({ alg: 'HS256' }, { ...claims, exp: NOW / 1_000 - 60 }, TOKEN_SECRET)
    for (let index = 0; index < 30; index += 1) {
      expect(await call('GET', '/v1/agents', { token: null })).toMatchObject({ status: 401 })
      expect(await call('GET', '/v1/agents', { token: over })).toMatchObject({ status: 401 })
    }
  })
})

describe('a ticket that is bound to one execution', () => {
  const channel = executionChannel('e1')

  async function door() {
    const socket = socketDoor()
    for (const executionId of ['e1', 'e2']) await socket.dependencies.executions.create(anExecution({ executionId }), 0)
    const ticket = async (overrides: Partial<VerifiedPrincipal> = {}) =>
      (await issueTicket({ ...root, ...overrides }, socket.dependencies, channel)).ticket
    return { ...socket, boundTicket: ticket }
  }
  async function opened() {
    const socket = await door()
    expect(await socket.connect({ query: { ticket: await socket.boundTicket() } })).toMatchObject({ statusCode: 200 })
    await socket.dependencies.connections.greet('c1')
    return socket
  }

  it('follows it', async () => {
    const { send } = await opened()

    expect(await send({ message_type: 'subscribe', payload: { channel } })).toMatchObject([
      { message_type: 'subscription_confirmed' },
    ])
    expect(await send({ message_type: 'ping' })).toMatchObject([{ message_type: 'pong' }])
  })

  it.each<[string, object]>([
    ['follows another execution', { message_type: 'subscribe', payload: { channel: executionChannel('e2') } }],
    ['follows a topic', { message_type: 'subscribe', payload: { topic: 'news' } }],
    ['follows an agent', { message_type: 'subscribe', payload: { channel: 'agent:assistant' } }],
    ['follows everything', { message_type: 'subscribe', payload: { channel: 'all' } }],
    ['asks an agent', { message_type: 'agent_request', payload: { agentId: 'assistant', input: { content: 'Hello?' } } }],
    [
      'asks without following',
      { message_type: 'agent_request', payload: { agentId: 'a', subscribe: false, input: { content: 'x' } } },
    ],
    ['cancels it', { message_type: 'cancel', payload: { executionId: 'e1' } }],
  ])('never %s', async (_what, frame) => {
    expect(await (await opened()).send(frame)).toMatchObject(errorOf('forbidden'))
  })

  it('opens no socket that follows something else from its start', async () => {
    const socket = await door()
    for (const query of [{ executionId: 'e2' }, { endpoint: 'health' }])
      expect(await socket.connect({ query: { ...query, ticket: await socket.boundTicket() } })).toMatchObject({ statusCode: 403 })
  })

  it('is used once, and not after a minute', async () => {
    const socket = await door()
    const ticket = await socket.boundTicket()
    const late = await socket.boundTicket()

    expect(await socket.connect({ query: { ticket } })).toMatchObject({ statusCode: 200 })
    expect(await socket.connect({ query: { ticket } }, 'thief')).toMatchObject({ statusCode: 401 })
    socket.later(60_000)
    expect(await socket.connect({ query: { ticket: late } }, 'late')).toMatchObject({ statusCode: 401 })
  })

  it('takes nothing else along when a connection goes on with it', async () => {
    const socket = await opened()
    await socket.open({}, 'c2')
    await socket.send(
      { message_type: 'authenticate', payload: { ticket: await socket.boundTicket({ subject: 'ada' }) } },
      { connectionId: 'c2' },
    )

    expect(await socket.send({ message_type: 'subscribe', payload: { topic: 'news' } }, { connectionId: 'c2' })).toMatchObject(
      errorOf('forbidden'),
    )
  })

  it('opens the one stream, again and again, and no other one', async () => {
    const stream = await streamDoor()
    await stream.withExecution()
    const { tickets, scene } = stream
    const aTicket = async () =>
      (await issueTicket({ ...root, expiresAt: scene.clock.now() + 60_000 }, { tickets, clock: scene.clock }, channel)).ticket
    const show = async (path: string, ticket: string) =>
      (await stream.get({ path, query: { ticket }, ms: 5_000 })).head?.statusCode
    const own = await aTicket()

    expect(await show('/streams/executions/e1', own)).toBe(200)
    expect(await show('/streams/executions/e1', own)).toBe(200)
    expect(await show('/streams/executions/e2', own)).toBe(401)
    for (const path of ['/streams/executions/e2', '/streams/topics/news', '/streams/events', '/stream/events'])
      expect(await show(path, await aTicket())).toBe(403)
    const run = await stream.run(undefined, { headers: { 'x-sluice-ticket': await aTicket() } })
    await run.done
    expect(stream.heads.at(-1)).toMatchObject({ statusCode: 403 })
  })

  it('has no scope, whatever its caller had', () => {
    const bound = { ...root, onlyChannel: channel }
    for (const scope of SCOPES) expect(() => requireScope(bound, scope)).toThrow(expect.objectContaining({ code: 'forbidden' }))
    expect(() => requireUnbound(bound)).toThrow(expect.objectContaining({ code: 'forbidden' }))
    expect(() => requireChannel(bound, channel)).not.toThrow()
    expect(() => requireChannel({ ...bound, scopes: [] }, channel)).toThrow(expect.objectContaining({ code: 'forbidden' }))
    expect(() => requireChannel(bound, executionChannel('e1x'))).toThrow(expect.objectContaining({ code: 'forbidden' }))
  })

  it('is given for an execution of the caller alone, and to whoever may read it', async () => {
    const { call, dependencies, tokenOf } = httpCaller()
    await dependencies.executions.create(anExecution({ tenant: 'acme', executionId: 'e1' }), 0)
    const ask = (executionId: string, token?: string) =>
      call('POST', '/v1/tickets', { body: { executionId }, ...(token !== undefined && { token }) })

    expect(await ask('e1')).toMatchObject({ status: 201 })
    expect(await ask('e2')).toMatchObject({ status: 404 })
    expect(await ask('e1', await tokenOf('globex'))).toMatchObject({ status: 404 })
    expect(await ask('e1', await tokenOf('acme', ['agents:read']))).toMatchObject({ status: 403 })
    expect(await ask('../e1')).toMatchObject({ status: 422 })
  })
})

describe('an API key that is revoked', () => {
  it('says nothing more on a socket that it opened', async () => {
    const door = socketDoor()
    const { key, keyId } = await createApiKey({ apiKeyStore: door.apiKeyStore, clock: door.dependencies.clock }, root, {
      name: 'app',
      scopes: ['*'],
    })
    await door.connect({ query: { auth: 'frame' } })
    await door.dependencies.connections.greet('c1')
    expect(await door.send({ message_type: 'authenticate', id: 'a', payload: { token: key } })).toMatchObject([
      { message_type: 'authenticated' },
    ])
    expect(await door.send({ message_type: 'ping' })).toMatchObject([{ message_type: 'pong' }])
    await door.apiKeyStore.remove({ tenant: 'acme', keyId })
    door.later(5_000)

    expect(await door.send({ message_type: 'ping' })).toMatchObject(errorOf('unauthorized'))
  })

  it.each([{}, { ticket: 'a', token: 'b' }])('is shown in no frame like %j', async (payload) => {
    const door = socketDoor()
    await door.open()

    expect(await door.send({ message_type: 'authenticate', payload })).toMatchObject(errorOf('validation_error'))
  })
})

describe('authentication that is off', () => {
  const open = { openTenant: 'default' }

  it('lets whoever shows nothing in as anonymous, and says so in every answer', async () => {
    const { call } = httpCaller(open)
    const answers = [
      await call('GET', '/v1/agents', { token: null }),
      await call('GET', '/v1/agents/nobody', { token: null }),
      await call('GET', '/nowhere', { token: null }),
      await call('GET', '/health', { token: null }),
    ]

    expect(answers.map(({ status }) => status)).toEqual([200, 404, 404, 200])
    for (const { headers } of answers) expect(headers['x-sluice-warning']).toBe('authentication is off')
    expect(answers[3]?.body).toMatchObject({ auth: 'off' })
  })

  it('still refuses what is bad', async () => {
    const { call } = httpCaller(open)
    expect(await call('GET', '/v1/agents', { token: 'x' })).toMatchObject({ status: 401 })
    expect(await call('GET', '/v1/agents', { token: null, headers: { 'x-api-key': 'slk_x' } })).toMatchObject({ status: 401 })
  })

  it('lets a socket in, and no bad ticket', async () => {
    const door = socketDoor(open)

    expect(await door.connect()).toMatchObject({ statusCode: 200 })
    expect(await door.dependencies.connections.get('c1')).toMatchObject({
      principal: { subject: 'anonymous', tenant: 'default' },
    })
    expect(await door.connect({ query: { ticket: 'bad' } }, 'c2')).toMatchObject({ statusCode: 401 })
  })

  it('is on when nobody turned it off, and no answer warns', async () => {
    const { headers, body } = await httpCaller().call('GET', '/health', { token: null })

    expect(headers).not.toHaveProperty('x-sluice-warning')
    expect(body).toMatchObject({ auth: 'on' })
  })
})
