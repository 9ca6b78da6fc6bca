import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { redeemTicket } from '#shared/access/tickets.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { ticketSchema } from '#shared/protocol/ticket.ts'
import { ROUTES } from '../../../../functions/http/route-table.ts'
import { httpCaller, TOKEN_SECRET } from '../../../helpers/http-caller.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z') / 1_000
const claims = { iss: 'sluice', aud: 'sluice', sub: 'ada', tenant: 'acme', scope: 'agents:read', exp: NOW + 60 }
const sign = (alg: string, secret: string, overrides: Record<string, unknown> = {}) =>
  new SignJWT({ ...claims, ...overrides }).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret))

const guarded = ROUTES.filter(({ scope }) => scope !== 'none').map(({ method, path, scope }): [string, string, string] => [
  method,
  path.replace(/\{\w+\}/g, 'some'),
  scope,
])

describe.each(guarded)('%s %s', (method, path) => {
  it('answers nobody without a token', async () => {
    const answer = await httpCaller().call(method, path, { token: null, body: 'not even JSON' })

    expect(answer).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
      headers: { 'www-authenticate': 'Bearer realm="sluice"' },
    })
  })
})

describe.each(guarded.filter(([, , scope]) => scope !== 'any'))('%s %s', (method, path, scope) => {
  it(`needs the scope ${scope}, and all the others do not make up for it`, async () => {
    const { call, tokenOf } = httpCaller()
    const token = await tokenOf(
      'acme',
      SCOPES.filter((other) => other !== scope),
    )

    const answer = await call(method, path, { token, body: 'not even JSON' })

    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden', detail: expect.stringContaining(scope) } })
  })
})

describe('tokens', () => {
  it('are the way in', async () => {
    expect(await httpCaller().call('GET', '/v1/agents', { token: await sign('HS256', TOKEN_SECRET) })).toMatchObject({
      status: 200,
    })
  })

  it.each<[string, () => Promise<string> | string]>([
    ['expired', () => sign('HS256', TOKEN_SECRET, { exp: NOW - 60 })],
    ['of another algorithm', () => sign('HS384', TOKEN_SECRET)],
    ['without algorithm', () => new UnsecuredJWT(claims).encode()],
    ['of another secret', () => sign('HS256', TOKEN_SECRET.toUpperCase())],
    ['without tenant', () => sign('HS256', TOKEN_SECRET, { tenant: undefined })],
    ['that are none', () => 'x'],
  ])('%s are refused, all in the same words', async (_what, make) => {
    const answer = await httpCaller().call('GET', '/v1/agents', { token: await make() })

    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized', detail: 'the access token is not valid' } })
  })

  it.each<[Record<string, string>]>([[{}], [{ 'token-key': '' }], [{ 'token-key': 'short' }]])(
    'let nobody in with %j',
    async (secrets) => {
      const { call, log } = httpCaller({ secrets: memorySecretStore(secrets) })

      const answer = await call('GET', '/v1/agents', { token: await sign('HS256', secrets['token-key'] || ' ') })

      expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } })
      expect(JSON.stringify(answer.body)).not.toContain('secret')
      expect(log.lines.filter(({ code }) => code !== 'request_served')).toMatchObject([
        { level: 'error', code: 'request_failed', fields: { requestId: 'request-1' } },
      ])
    },
  )
})

describe('POST /v1/tickets', () => {
  it('gives a ticket that speaks for the caller once', async () => {
    const { call, dependencies, tokenOf } = httpCaller()

    const answer = await call('POST', '/v1/tickets', { token: await tokenOf('acme', ['topics:read'], 'bob') })

    const { ticket, expiresAt } = ticketSchema.parse(answer.body)
    expect(answer.status).toBe(201)
    expect(expiresAt).toBe('2026-11-21T09:31:00.000Z')
    expect(await redeemTicket(ticket, dependencies)).toMatchObject({ subject: 'bob', tenant: 'acme', scopes: ['topics:read'] })
  })

  it('takes no ticket for a token', async () => {
    const { call } = httpCaller()
    const { body } = await call('POST', '/v1/tickets')

    expect(await call('POST', '/v1/tickets', { token: String(body.ticket) })).toMatchObject({ status: 401 })
    expect(await call('POST', '/v1/tickets', { token: null, query: { ticket: String(body.ticket) } })).toMatchObject({
      status: 401,
    })
  })
})
