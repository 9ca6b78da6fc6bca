import { describe, expect, it } from 'vitest'
import { apiKeyListSchema, apiKeySchema, createdApiKeySchema } from '#shared/protocol/api-key.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

type Caller = ReturnType<typeof httpCaller>

async function create({ call }: Caller, body: object = { name: 'ci', scopes: ['agents:read', 'keys:*'] }, token?: string) {
  const answer = await call('POST', '/v1/api-keys', { body, ...(token !== undefined && { token }) })
  expect(answer.status).toBe(201)
  return { ...createdApiKeySchema.parse(answer.body), location: answer.headers.location }
}

describe('POST /v1/api-keys', () => {
  it('shows the key once, and where to find it', async () => {
    const caller = httpCaller()
    const { key, keyId, location, createdBy } = await create(caller)
    const found = await caller.call('GET', `/v1/api-keys/${keyId}`)
    const list = await caller.call('GET', '/v1/api-keys')

    expect(location).toBe(`/v1/api-keys/${keyId}`)
    expect(createdBy).toBe('ada')
    expect(apiKeySchema.strict().parse(found.body)).toMatchObject({ keyId, name: 'ci' })
    expect(JSON.stringify([found.body, list.body])).not.toContain(key.slice(20))
  })

  it.each(['authorization', 'x-api-key'])('is taken in the header %s', async (name) => {
    const caller = httpCaller()
    const { key } = await create(caller)
    const headers = { [name]: name === 'authorization' ? `Bearer ${key}` : key }
    const show = (path: string) => caller.call('GET', path, { token: null, headers })

    expect(await show('/v1/agents')).toMatchObject({ status: 200 })
    expect(await show('/v1/executions')).toMatchObject({ status: 403 })
  })

  it('keeps no answer to repeat it', async () => {
    const answer = await httpCaller().call('POST', '/v1/api-keys', {
      headers: { 'idempotency-key': 'k1' },
      body: { name: 'ci', scopes: ['*'] },
    })

    expect(answer).toMatchObject({ status: 422, body: { code: 'validation_error' } })
    expect(JSON.stringify(answer.body)).not.toContain('slk_')
  })

  it.each<[string, object]>([
    ['no name', { scopes: ['*'] }],
    ['no scope and no role', { name: 'x' }],
    ['an empty list', { name: 'x', scopes: [] }],
    ['a role that there is not', { name: 'x', roles: ['root'] }],
    ['a scope that is none', { name: 'x', scopes: ['agents:read;DROP'] }],
    ['another tenant', { name: 'x', scopes: ['*'], tenant: 'globex' }],
    ['a key of its own', { name: 'x', scopes: ['*'], key: 'slk_mine' }],
    ['a polluted prototype', JSON.parse('{"name":"x","scopes":["*"],"__proto__":{"roles":["admin"]}}')],
    ['an end that is no time', { name: 'x', scopes: ['*'], expiresAt: 'tomorrow' }],
    ['an end in the past', { name: 'x', scopes: ['*'], expiresAt: '2020-01-01T00:00:00Z' }],
  ])('refuses %s', async (_what, body) => {
    expect(await httpCaller().call('POST', '/v1/api-keys', { body })).toMatchObject({ status: 422 })
  })

  it('gives nobody more than he has', async () => {
    const caller = httpCaller()
    const token = await caller.tokenOf('acme', ['keys:write', 'agents:read'])

    expect(await caller.call('POST', '/v1/api-keys', { token, body: { name: 'x', scopes: ['*'] } })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    })
  })
})

describe('keys of another tenant', () => {
  it('are as unknown as those that there are not', async () => {
    const caller = httpCaller()
    const { keyId } = await create(caller)
    const token = await caller.tokenOf('globex')

    for (const method of ['GET', 'DELETE']) {
      const [foreign, unknown] = [
        await caller.call(method, `/v1/api-keys/${keyId}`, { token }),
        await caller.call(method, '/v1/api-keys/AAAAAAAAAAAAAAAA', { token }),
      ]
      expect(foreign.status).toBe(404)
      expect(JSON.stringify(foreign.body).replaceAll(keyId, '')).toBe(
        JSON.stringify(unknown.body).replaceAll('AAAAAAAAAAAAAAAA', ''),
      )
    }
    expect(apiKeyListSchema.parse((await caller.call('GET', '/v1/api-keys', { token })).body).apiKeys).toEqual([])
    expect(await caller.call('GET', `/v1/api-keys/${keyId}`)).toMatchObject({ status: 200 })
  })
})

describe('GET /v1/api-keys', () => {
  it('gives pages, and takes no cursor that it did not give', async () => {
    const caller = httpCaller()
    const ids = (await Promise.all([1, 2, 3].map(() => create(caller)))).map(({ keyId }) => keyId).sort()
    const first = apiKeyListSchema.parse((await caller.call('GET', '/v1/api-keys', { query: { limit: '2' } })).body)
    const after = first.next ?? ''
    const rest = apiKeyListSchema.parse((await caller.call('GET', '/v1/api-keys', { query: { limit: '2', after } })).body)

    expect([...first.apiKeys, ...rest.apiKeys].map(({ keyId }) => keyId)).toEqual(ids)
    expect(rest.next).toBeUndefined()
    for (const forged of ['x', `${after}=`, '..', Buffer.from('T#globex#APIKEYS').toString('base64url')])
      expect(await caller.call('GET', '/v1/api-keys', { query: { after: forged } })).toMatchObject({ status: 422 })
  })
})

describe('DELETE /v1/api-keys/{keyId}', () => {
  it('revokes a key, once', async () => {
    const caller = httpCaller()
    const { keyId, key } = await create(caller)

    expect(await caller.call('DELETE', `/v1/api-keys/${keyId}`)).toMatchObject({ status: 204 })
    expect(caller.connectionTasks.sent).toEqual([{ task: { task: 'close_key', tenant: 'acme', keyId }, delaySeconds: 10 }])
    expect(await caller.call('DELETE', `/v1/api-keys/${keyId}`)).toMatchObject({ status: 404 })
    expect(await caller.call('GET', '/v1/agents', { token: key })).toMatchObject({ status: 401 })
  })

  it.each(['x', '../agents', 'AAAAAAAAAAAAAAA%23'])('knows no key "%s"', async (keyId) => {
    expect([404, 422]).toContain((await httpCaller().call('DELETE', `/v1/api-keys/${keyId}`)).status)
  })
})
