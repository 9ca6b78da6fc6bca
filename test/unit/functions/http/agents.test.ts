import { describe, expect, it } from 'vitest'
import { agentListSchema, agentSchema } from '#shared/protocol/agent.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const definition = (overrides: Record<string, unknown> = {}) => ({
  name: 'Writer',
  topics: ['drafts'],
  llm: { provider: 'scripted', model: 'script-1' },
  ...overrides,
})

describe('POST /v1/agents', () => {
  it('registers an agent and says where it is', async () => {
    const { call } = httpCaller()

    const answer = await call('POST', '/v1/agents', { body: definition({ agentId: 'writer' }) })

    expect(answer).toMatchObject({ status: 201, headers: { location: '/v1/agents/writer' } })
    expect(agentSchema.parse(answer.body)).toMatchObject({ agentId: 'writer', status: 'running', version: 1 })
    expect((await call('GET', '/v1/agents/writer')).body).toEqual(answer.body)
  })

  it('repeats its answer for the same key and body, and refuses another body', async () => {
    const { call } = httpCaller()
    const headers = { 'Idempotency-Key': 'key-1' }

    const first = await call('POST', '/v1/agents', { headers, body: definition() })
    const again = await call('POST', '/v1/agents', { headers, body: definition() })
    const other = await call('POST', '/v1/agents', { headers, body: definition({ name: 'Other' }) })

    expect(again).toEqual(first)
    expect(other).toMatchObject({ status: 409, body: { code: 'conflict' } })
  })

  it('refuses a taken id', async () => {
    const { call } = httpCaller()
    await call('POST', '/v1/agents', { body: definition({ agentId: 'writer' }) })

    expect(await call('POST', '/v1/agents', { body: definition({ agentId: 'writer' }) })).toMatchObject({ status: 409 })
  })

  it.each([
    ['an unknown field', definition({ tenant: 'globex' }), ''],
    ['an unknown field of a field', definition({ llm: { provider: 'scripted', model: 'm', apiKey: 'sk-1' } }), 'llm'],
    ['an id that would break out of a key', definition({ agentId: 'a#b' }), 'agentId'],
    ['no name', definition({ name: undefined }), 'name'],
    ['a list', [], ''],
    ['a polluted prototype', `{"__proto__":{"admin":true},${JSON.stringify(definition()).slice(1)}`, ''],
  ])('refuses %s', async (_what, body, path) => {
    const { call } = httpCaller()

    const answer = await call('POST', '/v1/agents', { body })

    expect(answer).toMatchObject({ status: 422, body: { code: 'validation_error', errors: [{ path }] } })
    expect((await call('GET', '/v1/agents')).body).toEqual({ agents: [] })
  })
})

describe('GET /v1/agents', () => {
  it('gives page after page', async () => {
    const { call } = httpCaller()
    for (const agentId of ['a', 'b', 'c']) await call('POST', '/v1/agents', { body: definition({ agentId }) })

    const first = agentListSchema.parse((await call('GET', '/v1/agents', { query: { limit: '2' } })).body)
    const second = await call('GET', '/v1/agents', { query: { limit: '2', after: String(first.next) } })

    expect(first.agents.map(({ agentId }) => agentId)).toEqual(['a', 'b'])
    expect(agentListSchema.parse(second.body).agents.map(({ agentId }) => agentId)).toEqual(['c'])
    expect(second.body).not.toHaveProperty('next')
  })

  it.each([
    [{ limit: '0' }],
    [{ limit: '101' }],
    [{ limit: '1.5' }],
    [{ limit: '' }],
    [{ limit: '1,2' }],
    [{ after: 'nonsense!' }],
    [{ aftre: 'YQ' }],
  ])('refuses the query %j', async (query) => {
    expect(await httpCaller().call('GET', '/v1/agents', { query })).toMatchObject({
      status: 422,
      body: { code: 'validation_error' },
    })
  })
})

describe('another tenant', () => {
  it('sees no agent of ours, and gets none by our cursor', async () => {
    const { call, tokenOf } = httpCaller()
    const token = await tokenOf('globex')
    for (const agentId of ['a', 'b']) await call('POST', '/v1/agents', { body: definition({ agentId }) })
    const { body } = await call('GET', '/v1/agents', { query: { limit: '1' } })

    expect(await call('GET', '/v1/agents/a', { token })).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect((await call('GET', '/v1/agents', { token, query: { after: String(body.next) } })).body).toEqual({ agents: [] })
  })

  it('may use the same id', async () => {
    const { call, tokenOf } = httpCaller()
    await call('POST', '/v1/agents', { body: definition({ agentId: 'a' }) })

    const answer = await call('POST', '/v1/agents', {
      token: await tokenOf('globex'),
      body: definition({ agentId: 'a', name: 'Theirs' }),
    })

    expect(answer.status).toBe(201)
    expect((await call('GET', '/v1/agents/a')).body).toMatchObject({ name: 'Writer' })
  })
})
