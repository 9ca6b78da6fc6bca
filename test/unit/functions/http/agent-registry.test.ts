import { describe, expect, it } from 'vitest'
import { memorySecretStates } from '#shared/platform/memory-secret-states.ts'
import { agentConfigurationSchema } from '#shared/protocol/agent-configuration.ts'
import { sparseAgentListSchema } from '#shared/protocol/agent-definition.ts'
import { agentTemplateSchema } from '#shared/protocol/agent-template.ts'
import { type HttpAnswer, httpCaller } from '../../../helpers/http-caller.ts'

const llm = { provider: 'scripted', model: 'script-1' }
const definition = (overrides: Record<string, unknown> = {}) => ({ agentId: 'writer', name: 'Writer', llm, ...overrides })

async function withAgent(overrides: Record<string, unknown> = {}) {
  const caller = httpCaller()
  const { headers } = await caller.call('POST', '/v1/agents', { body: definition(overrides) })
  return { ...caller, etag: String(headers.etag) }
}

describe('GET /v1/agents/{agentId}', () => {
  it('answers 304 until anything changes, the state too', async () => {
    const { call, etag } = await withAgent()
    const read = () => call('GET', '/v1/agents/writer', { headers: { 'If-None-Match': `W/"0", ${etag}` } })

    expect(etag).toMatch(/^"1\.[\w-]{12}"$/)
    expect(await read()).toMatchObject({ status: 304, headers: { etag }, body: {} })
    await call('POST', '/v1/agents/writer/start')
    expect(await read()).toMatchObject({ status: 200, body: { status: 'running', version: 1 } })
  })

  it.each([['writer'], ['"a" "b"'], ['"a",']])('refuses the tag %s', async (tag) => {
    const { call } = await withAgent()

    expect(await call('GET', '/v1/agents/writer', { headers: { 'If-None-Match': tag } })).toMatchObject({ status: 422 })
  })
})

describe('PATCH /v1/agents/{agentId}', () => {
  it('changes the definition of whoever has read it last', async () => {
    const { call, etag } = await withAgent()
    const patch = (name: string, tag: string) =>
      call('PATCH', '/v1/agents/writer', { headers: { 'If-Match': tag }, body: { name } })

    const first = await patch('One', etag)
    const late = await patch('Two', etag)

    expect(first).toMatchObject({ status: 200, body: { name: 'One', version: 2 } })
    expect(String(first.headers.etag)).toMatch(/^"2\./)
    expect(late).toMatchObject({ status: 412, body: { code: 'precondition_failed' } })
    expect(await patch('Three', '"2"')).toMatchObject({ status: 200, body: { version: 3 } })
    expect(await patch('Four', 'W/"3"')).toMatchObject({ status: 412 })
    expect(await patch('Four', '*')).toMatchObject({ status: 200, body: { version: 4 } })
  })

  it('means the version in the body too', async () => {
    const { call } = await withAgent()
    const patch = (version: unknown) => call('PATCH', '/v1/agents/writer', { body: { name: `Name ${version}`, version } })

    expect(await patch(2)).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(await patch('1')).toMatchObject({ status: 422 })
    expect(await patch(1)).toMatchObject({ status: 200, body: { version: 2 } })
  })

  it('needs the scope, and knows nothing of other tenants', async () => {
    const { call, tokenOf } = await withAgent()
    const patch = (token: string, agentId = 'writer') => call('PATCH', `/v1/agents/${agentId}`, { token, body: { name: 'New' } })

    expect(await patch(await tokenOf('acme', ['agents:read']))).toMatchObject({ status: 403 })
    const [theirs, nobodys] = [await patch(await tokenOf('globex')), await patch(await tokenOf('acme'), 'nobody')]
    expect(theirs).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(nobodys).toMatchObject({ status: 404, body: { code: theirs.body.code } })
  })
})

describe('GET /v1/agents', () => {
  it('gives those that are asked for, with the fields that are', async () => {
    const { call } = await withAgent({ domain: 'loans', capabilities: ['sum'], agentType: 'analyst' })
    await call('POST', '/v1/agents', { body: definition({ agentId: 'other', domain: 'claims', autoStart: true }) })
    const list = async (query: Record<string, string>) => (await call('GET', '/v1/agents', { query })).body

    expect(await list({ domain: 'loans', fields: 'name,version' })).toEqual({
      agents: [{ agentId: 'writer', name: 'Writer', version: 1 }],
    })
    expect(sparseAgentListSchema.parse(await list({ type: 'analyst', capability: 'sum' })).agents).toHaveLength(1)
    expect(await list({ status: 'running', fields: 'agentId' })).toEqual({ agents: [{ agentId: 'other' }] })
    expect(await list({ kind: 'function' })).toEqual({ agents: [] })
  })

  it.each([
    [{ status: 'asleep' }],
    [{ kind: 'x' }],
    [{ fields: 'name,secret' }],
    [{ fields: '' }],
    [{ limit: '101' }],
    [{ after: 'VCNnbG9iZXg' }],
    [{ tenant: 'globex' }],
    [{ domain: 'x'.repeat(65) }],
  ])('refuses %j', async (query) => {
    expect(await httpCaller().call('GET', '/v1/agents', { query })).toMatchObject({ status: 422 })
  })

  it('has nothing for a name that would break out of a key', async () => {
    const { call } = await withAgent({ domain: 'loans' })

    expect((await call('GET', '/v1/agents', { query: { domain: 'loans#x' } })).body).toEqual({ agents: [] })
  })
})

it('lets a tenant have as many agents as the stage says', async () => {
  const { call } = httpCaller({ maxAgentsPerTenant: 1 })
  await call('POST', '/v1/agents', { body: definition() })

  expect(await call('POST', '/v1/agents', { body: definition({ agentId: 'two' }) })).toMatchObject({
    status: 429,
    body: { code: 'quota_exceeded' },
  })
  await call('DELETE', '/v1/agents/writer')
  expect(await call('POST', '/v1/agents', { body: definition({ agentId: 'two' }) })).toMatchObject({ status: 201 })
})

describe('/v1/agent-templates', () => {
  const template = { description: 'Writers', definition: { name: 'Writer', llm, domain: 'texts', maxConcurrency: 2 } }

  async function withTemplate() {
    const caller = httpCaller()
    await caller.call('PUT', '/v1/agent-templates/writers', { body: template })
    return caller
  }

  it('are stored, listed, replaced and deleted', async () => {
    const { call } = await withTemplate()

    const one = await call('GET', '/v1/agent-templates/writers')
    expect(agentTemplateSchema.parse(one.body)).toMatchObject({ name: 'writers', ...template })
    await call('PUT', '/v1/agent-templates/writers', { body: { definition: { name: 'Other' } } })
    const all = await call('GET', '/v1/agent-templates')
    expect(all.body).toMatchObject({ templates: [{ name: 'writers', definition: { name: 'Other' } }] })
    expect(await call('DELETE', '/v1/agent-templates/writers')).toMatchObject({ status: 204 })
    expect(await call('GET', '/v1/agent-templates/writers')).toMatchObject({ status: 404 })
    expect(await call('DELETE', '/v1/agent-templates/writers')).toMatchObject({ status: 404 })
  })

  it('make agents, with what else is said', async () => {
    const { call } = await withTemplate()
    const body = { template: 'writers', agentId: 'ann', name: 'Ann', domain: null, llm: { temperature: 1 } }

    const made = await call('POST', '/v1/agents', { body })

    expect(made).toMatchObject({ status: 201, body: { name: 'Ann', llm: { ...llm, temperature: 1 }, maxConcurrency: 2 } })
    expect(made.body).not.toHaveProperty('domain')
    expect(made.body).not.toHaveProperty('template')
  })

  it.each([
    ['an unknown template', { template: 'readers' }, 'template'],
    ['what is no definition with it', { template: 'writers', maxConcurrency: 0 }, 'maxConcurrency'],
    ['an unknown field', { template: 'writers', tenant: 'globex' }, ''],
  ])('refuse %s', async (_what, body, path) => {
    const { call } = await withTemplate()

    expect(await call('POST', '/v1/agents', { body })).toMatchObject({ status: 422, body: { errors: [{ path }] } })
  })

  it.each([[{ definition: { status: 'running' } }], [{ definition: { agentId: 'a' } }], [{}], [{ definition: { topics: 'a' } }]])(
    'are not made of %j',
    async (body) => {
      expect(await httpCaller().call('PUT', '/v1/agent-templates/writers', { body })).toMatchObject({ status: 422 })
    },
  )

  it("are the tenant's own, and need the scope", async () => {
    const { call, tokenOf } = await withTemplate()
    const token = await tokenOf('globex')

    expect(await call('GET', '/v1/agent-templates/writers', { token })).toMatchObject({ status: 404 })
    expect((await call('GET', '/v1/agent-templates', { token })).body).toEqual({ templates: [] })
    expect(await call('POST', '/v1/agents', { token, body: { template: 'writers' } })).toMatchObject({ status: 422 })
    const reader = await tokenOf('acme', ['agents:read'])
    expect(await call('PUT', '/v1/agent-templates/w', { token: reader, body: template })).toMatchObject({ status: 403 })
  })
})

describe('GET /v1/agents/{agentId}/configuration', () => {
  it('says of every setting where it comes from, and of secrets their names', async () => {
    const { call } = httpCaller({
      platform: 'sluice-test',
      secretStates: memorySecretStates({ 'sluice-test-openai-secret': { status: 'present' } }),
    })
    const overrides = {
      llm: { provider: 'openai', model: 'm' },
      maxConcurrency: 3,
      retry: { maxAttempts: 5 },
      config: { tone: 'dry' },
    }
    await call('POST', '/v1/agents', { body: definition(overrides) })

    const { settings } = agentConfigurationSchema.parse((await call('GET', '/v1/agents/writer/configuration')).body)
    const byName = Object.fromEntries(settings.map(({ name, ...setting }) => [name, setting]))

    const secret = { name: 'sluice-test-openai-secret', exists: true }
    expect(byName).toMatchObject({
      'config.tone': { source: 'explicit', value: 'dry' },
      maxConcurrency: { source: 'explicit', value: 3 },
      maxQueue: { source: 'default', value: 10_000 },
      'retry.maxAttempts': { source: 'explicit', value: 5 },
      'retry.backoffSeconds': { source: 'default', value: 10 },
      timeoutSeconds: { source: 'environment', value: 300 },
      'llm.timeoutSeconds': { source: 'environment', value: 120 },
      'llm.service': { source: 'default', value: 'openai' },
      'llm.apiKey': { source: 'secret', secret },
    })
    expect(byName['llm.apiKey']).not.toHaveProperty('value')
  })

  it('knows nothing of other tenants', async () => {
    const { call, tokenOf } = await withAgent()

    const answer = await call('GET', '/v1/agents/writer/configuration', { token: await tokenOf('globex') })
    expect(answer).toMatchObject({ status: 404 })
  })
})

describe('POST /agents/{agentId}/{path}', () => {
  const endpoints = [{ path: '/analyze/deep', taskType: 'analyze' }]
  const body = { content: 'What is a sluice?' }
  const soon = { Prefer: 'wait=0' }

  it('asks for the type of the path', async () => {
    const { call, dependencies } = await withAgent({ endpoints, autoStart: true })

    const answer = await call('POST', '/agents/writer/analyze/deep', { body, headers: soon })

    expect(answer).toMatchObject({ status: 202, body: { links: { self: answer.headers.location } } })
    const execution = await dependencies.executions.get({ tenant: 'acme', executionId: String(answer.body.executionId) })
    expect(execution).toMatchObject({ agentId: 'writer', type: 'analyze', input: body })
  })

  it.each([{}, { Prefer: 'respond-async' }, { Prefer: 'wait=soon' }])(
    'answers with the execution when it ends in time: %j',
    async (headers) => {
      const { call, dependencies } = await withAgent({ endpoints, autoStart: true })
      const { get } = dependencies.executions
      const ended = { status: 'completed', output: { text: 'A gate.' }, endedAt: '2026-11-21T09:30:01.000Z' } as const
      dependencies.executions.get = async (key) => {
        const record = await get(key)
        return record && { ...record, ...ended }
      }

      const answer = await call('POST', '/agents/writer/analyze/deep', { body, headers })

      expect(answer).toMatchObject({ status: 200, body: { status: 'completed', type: 'analyze', output: { text: 'A gate.' } } })
    },
  )

  it('is the same request under the same key', async () => {
    const { call } = await withAgent({ endpoints, autoStart: true })
    const ask = (): Promise<HttpAnswer> =>
      call('POST', '/agents/writer/analyze/deep', { body, headers: { ...soon, 'Idempotency-Key': 'k' } })

    expect((await ask()).body.executionId).toBe((await ask()).body.executionId)
  })

  it.each([
    ['/agents/writer/analyze'],
    ['/agents/writer/analyze/deep/er'],
    ['/agents/nobody/analyze/deep'],
    ['/agents/writer/__proto__'],
  ])('knows no %s', async (path) => {
    const { call } = await withAgent({ endpoints, autoStart: true })

    expect(await call('POST', path, { body, headers: soon })).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })

  it('needs the scope and the tenant', async () => {
    const { call, tokenOf } = await withAgent({ endpoints, autoStart: true })
    const ask = (token: string) => call('POST', '/agents/writer/analyze/deep', { token, body, headers: soon })

    expect(await ask(await tokenOf('acme', ['agents:read']))).toMatchObject({ status: 403 })
    expect(await ask(await tokenOf('globex'))).toMatchObject({ status: 404 })
  })
})
