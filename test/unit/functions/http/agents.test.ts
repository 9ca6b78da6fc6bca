import { describe, expect, it } from 'vitest'
import { agentListSchema, agentSchema } from '#shared/protocol/agent.ts'
import { agentHealthSchema } from '#shared/protocol/agent-health.ts'
import { AGENT_VERBS } from '#shared/protocol/agent-lifecycle.ts'
import { anExecution } from '../../../helpers/executions.ts'
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
    expect(agentSchema.parse(answer.body)).toMatchObject({ agentId: 'writer', status: 'created', version: 1 })
    expect((await call('GET', '/v1/agents/writer')).body).toEqual(answer.body)
  })

  it('starts it at once when that is asked for', async () => {
    const { call } = httpCaller()

    expect(await call('POST', '/v1/agents', { body: definition({ autoStart: true }) })).toMatchObject({
      status: 201,
      body: { status: 'running' },
    })
  })

  it('repeats its answer for the same key and body, and refuses another body', async () => {
    const { call } = httpCaller()
    const headers = { 'Idempotency-Key': 'key-1' }

    const first = await call('POST', '/v1/agents', { headers, body: definition() })
    const again = await call('POST', '/v1/agents', { headers, body: definition() })
    const other = await call('POST', '/v1/agents', { headers, body: definition({ name: 'Other' }) })

    expect(again).toMatchObject({ status: first.status, body: first.body })
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
    ['a status', definition({ status: 'running' }), ''],
    ['more slots than a gate has room for', definition({ maxConcurrency: 101 }), 'maxConcurrency'],
    ['a filter of a foreign topic', definition({ filters: { other: { type: ['x'] } } }), 'filters.other'],
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

/** A caller, and an agent `writer` in the status that the verbs lead to. */
async function withAgent(...verbs: string[]) {
  const caller = httpCaller()
  await caller.call('POST', '/v1/agents', { body: definition({ agentId: 'writer' }) })
  for (const verb of verbs) await caller.call('POST', `/v1/agents/writer/${verb}`)
  const { dependencies } = caller
  const key = { tenant: 'acme', agentId: 'writer' }
  /** An execution that has a slot. */
  const occupy = async (executionId: string) => {
    const record = anExecution({ executionId, agentId: 'writer' })
    await dependencies.executions.create(record, Number.MAX_SAFE_INTEGER)
    await dependencies.admission.takeSlot(record, 0)
    await dependencies.executions.acquire({ tenant: 'acme', executionId }, { owner: 'w', now: 0, expiresAt: 1, tookSlot: false })
  }
  return { ...caller, key, occupy }
}

describe('POST /v1/agents/{agentId}/<verb>', () => {
  it('leads an agent through its life', async () => {
    const { call } = await withAgent()
    const steps = []
    for (const verb of ['start', 'pause', 'resume', 'stop', 'start']) {
      const { status, body } = await call('POST', `/v1/agents/writer/${verb}`)
      steps.push([verb, status, agentSchema.parse(body).status])
    }

    expect(steps).toEqual([
      ['start', 200, 'running'],
      ['pause', 200, 'paused'],
      ['resume', 200, 'running'],
      ['stop', 200, 'stopped'],
      ['start', 200, 'running'],
    ])
    expect(await call('DELETE', '/v1/agents/writer')).toMatchObject({ status: 204, body: {} })
    expect(await call('GET', '/v1/agents/writer')).toMatchObject({ status: 404 })
  })

  it('answers 202 with the agent while executions end', async () => {
    const { call, occupy } = await withAgent('start')
    await occupy('e-1')

    expect(await call('POST', '/v1/agents/writer/stop', { body: { policy: 'cancel' } })).toMatchObject({
      status: 202,
      body: { status: 'stopping', desiredStatus: 'stopped', stopPolicy: 'cancel' },
    })
    expect(await call('DELETE', '/v1/agents/writer')).toMatchObject({
      status: 202,
      body: { status: 'stopping', desiredStatus: 'deleted' },
    })
  })

  it.each([
    [['start'], 'POST', 'start', 'pause, stop, delete'],
    [['start', 'pause'], 'POST', 'pause', 'resume, stop, delete'],
    [[], 'POST', 'stop', 'start, delete'],
  ])('refuses what comes in the wrong order: after %j', async (verbs, method, verb, possible) => {
    const { call } = await withAgent(...verbs)

    expect(await call(method, `/v1/agents/writer/${verb}`)).toMatchObject({
      status: 409,
      body: { code: 'invalid_state', detail: expect.stringMatching(new RegExp(`possible are: ${possible}$`)) },
    })
  })

  it('lets one of two at once win', async () => {
    const { call } = await withAgent('start')

    const answers = await Promise.all([call('POST', '/v1/agents/writer/pause'), call('POST', '/v1/agents/writer/pause')])

    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
  })

  it.each([[{ policy: 'now' }], [{ policy: 'drain', tenant: 'globex' }], [[]]])('refuses to stop with %j', async (body) => {
    const { call } = await withAgent('start')

    expect(await call('POST', '/v1/agents/writer/stop', { body })).toMatchObject({ status: 422 })
    expect(await call('GET', '/v1/agents/writer')).toMatchObject({ body: { status: 'running' } })
  })

  it('knows no other verb', async () => {
    const { call } = await withAgent()

    expect(await call('POST', '/v1/agents/writer/restart')).toMatchObject({ status: 404 })
    expect(await call('GET', '/v1/agents/writer/start')).toMatchObject({ status: 405 })
  })

  it.each(AGENT_VERBS)('needs the scope agents:write to %s', async (verb) => {
    const { call, tokenOf } = await withAgent()
    const token = await tokenOf('acme', ['agents:read'])

    expect(await change(call, verb, token)).toMatchObject({ status: 403 })
  })
})

describe('GET /v1/agents/{agentId}/…', () => {
  it('tells how the agent is, and who runs and waits', async () => {
    const { call, occupy, dependencies, key } = await withAgent('start')
    await occupy('e-1')
    expect(agentHealthSchema.parse((await call('GET', '/v1/agents/writer/health')).body)).toMatchObject({
      status: 'running',
      health: 'unknown',
      queue: { open: true, limit: 10, active: 1, waiting: 0 },
    })

    const checkedAt = '2026-11-21T09:30:00.000Z'
    await dependencies.agents.setHealth(key, { health: 'unhealthy', detail: 'no key', at: checkedAt })

    expect((await call('GET', '/v1/agents/writer/health')).body).toMatchObject({
      health: 'unhealthy',
      detail: 'no key',
      checkedAt,
    })
    expect((await call('GET', '/v1/agents/writer/queue')).body).toEqual({ open: true, limit: 10, active: 1, waiting: 0 })
  })

  it('names its subscriptions', async () => {
    const { call } = httpCaller()
    const filters = { drafts: { type: ['draft.ready'] } }
    const body = definition({ agentId: 'writer', topics: ['drafts', 'news'], filters })
    await call('POST', '/v1/agents', { body })

    expect((await call('GET', '/v1/agents/writer/subscriptions')).body).toEqual({
      subscriptions: [{ topic: 'drafts', filter: filters.drafts }, { topic: 'news' }],
    })
  })

  it.each(['health', 'queue', 'subscriptions'])('knows no %s of an agent that is not there', async (part) => {
    expect(await httpCaller().call('GET', `/v1/agents/nobody/${part}`)).toMatchObject({ status: 404 })
  })
})

type Call = ReturnType<typeof httpCaller>['call']

const change = (call: Call, verb: string, token: string) =>
  verb === 'delete' ? call('DELETE', '/v1/agents/writer', { token }) : call('POST', `/v1/agents/writer/${verb}`, { token })

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

  it.each(AGENT_VERBS)('cannot %s an agent of ours', async (verb) => {
    const { call, tokenOf, dependencies, key } = await withAgent(verb === 'resume' ? 'pause' : 'start')
    const before = await dependencies.agents.get('acme', 'writer')

    expect(await change(call, verb, await tokenOf('globex'))).toMatchObject({ status: 404, body: { code: 'not_found' } })

    expect(await dependencies.agents.get('acme', 'writer')).toEqual(before)
    expect(await dependencies.admission.gate(key)).toBeDefined()
  })

  it.each(['health', 'queue', 'subscriptions'])('reads no %s of an agent of ours', async (part) => {
    const { call, tokenOf } = await withAgent('start')
    const token = await tokenOf('globex')

    expect(await call('GET', `/v1/agents/writer/${part}`, { token })).toMatchObject({ status: 404 })
  })
})
