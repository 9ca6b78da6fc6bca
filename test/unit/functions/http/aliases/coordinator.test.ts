import { describe, expect, it } from 'vitest'
import { llmInputSchema } from '#shared/protocol/llm-input.ts'
import { type HttpCall, httpCaller } from '../../../../helpers/http-caller.ts'
import { printedSubmission } from '../../../../helpers/printed-requests.ts'

const ENDPOINT = 'http://127.0.0.1:9'
const submission = (overrides: Record<string, unknown> = {}) => ({ ...JSON.parse(printedSubmission()), ...overrides })

/** The coordinator as it is on a developer's machine, where services are at private addresses. */
function coordinator() {
  const caller = httpCaller({ allowPrivateCallbacks: true })
  const register = (agent_id: string, endpoint = ENDPOINT, options: HttpCall = {}) =>
    caller.call('POST', '/agents/register', { ...options, body: { agent_id, endpoint } })
  const submit = (body: unknown, options: HttpCall = {}) => caller.call('POST', '/tasks/submit', { ...options, body })
  const listed = async (agentId: string) => {
    const { body } = await caller.call('GET', '/v1/executions', { query: { agentId } })
    return body.executions as { executionId: string; input: unknown; type: string }[]
  }
  return { ...caller, register, submit, listed }
}

async function withAgent() {
  const scene = coordinator()
  await scene.register('agent-1')
  return scene
}

describe('POST /agents/register', () => {
  it('registers a remote agent, which gets tasks at once', async () => {
    const { register, call } = coordinator()

    expect(await register('agent-1')).toMatchObject({ status: 200, body: { status: 'registered', agent_id: 'agent-1' } })

    expect((await call('GET', '/v1/agents/agent-1')).body).toMatchObject({
      kind: 'remote',
      status: 'running',
      endpoint: ENDPOINT,
      name: 'agent-1',
    })
  })

  it("takes it in the query, as the document's function reads it", async () => {
    const { call } = coordinator()
    const query = { agent_id: 'agent-1', endpoint: ENDPOINT }

    expect(await call('POST', '/agents/register', { query })).toMatchObject({
      status: 200,
      body: { status: 'registered', agent_id: 'agent-1' },
    })
  })

  it('moves a known agent to another endpoint', async () => {
    const { register, call } = await withAgent()

    await register('agent-1', 'http://127.0.0.1:10')

    expect((await call('GET', '/v1/agents/agent-1')).body).toMatchObject({ endpoint: 'http://127.0.0.1:10', version: 2 })
  })

  it('changes an agent that somebody else registers at the same time', async () => {
    const { register, call, dependencies } = coordinator()
    const { get } = dependencies.agents
    let isFirst = true
    dependencies.agents.get = async (...key) => {
      const standing = await get(...key)
      if (!isFirst) return standing
      isFirst = false
      await register('agent-1', 'http://127.0.0.1:10')
      return standing
    }

    expect(await register('agent-1')).toMatchObject({ status: 200 })

    expect((await call('GET', '/v1/agents/agent-1')).body).toMatchObject({ status: 'running', endpoint: ENDPOINT, version: 2 })
  })

  it.each([
    'https://169.254.169.254/latest',
    'https://[::1]:8001',
    'https://[::ffff:169.254.169.254]',
    'https://2130706433:8001',
    'https://0x7f000001',
    'https://127.1',
    'https://localhost:8001',
    'https://10.0.0.8',
    'https://192.168.1.1',
    'http://example.com',
    'https://user:password@example.com',
    'ftp://example.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'not an address',
    '',
  ])('takes no endpoint %j in the cloud', async (endpoint) => {
    const { call } = httpCaller()

    const body = { agent_id: 'agent-1', endpoint }
    expect(await call('POST', '/agents/register', { body })).toMatchObject({ status: 422 })
    const agent = { kind: 'remote', agentId: 'agent-1', name: 'One', endpoint }
    expect(await call('POST', '/v1/agents', { body: agent })).toMatchObject({ status: 422 })
    expect((await call('GET', '/agents')).body).toEqual({ agents: {} })
  })

  it.each([{}, { agent_id: 'agent-1' }, { endpoint: ENDPOINT }, { agent_id: '../x', endpoint: ENDPOINT }])(
    'refuses %j',
    async (body) => {
      const { call } = coordinator()

      expect(await call('POST', '/agents/register', { body })).toMatchObject({ status: 422 })
    },
  )

  it('takes no id of an agent of another kind, and tells nothing of those of other tenants', async () => {
    const { register, call, tokenOf } = coordinator()
    const llm = { provider: 'scripted', model: 'scripted-1' }
    await call('POST', '/v1/agents', { body: { agentId: 'agent-1', name: 'One', llm } })

    expect(await register('agent-1')).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(await register('agent-1', ENDPOINT, { token: await tokenOf('globex') })).toMatchObject({ status: 200 })
  })
})

describe('GET /agents', () => {
  it('is a map of agents, with Unix seconds', async () => {
    const { register, call } = await withAgent()
    await register('agent-2', 'http://127.0.0.1:10')

    expect((await call('GET', '/agents')).body).toEqual({
      agents: {
        'agent-1': { endpoint: ENDPOINT, status: 'healthy', timestamp: 1_795_253_400 },
        'agent-2': { endpoint: 'http://127.0.0.1:10', status: 'healthy', timestamp: 1_795_253_400 },
      },
    })
  })

  it('says of those that do not run what they do', async () => {
    const { call } = await withAgent()
    await call('POST', '/v1/agents/agent-1/stop')

    expect((await call('GET', '/agents')).body).toMatchObject({ agents: { 'agent-1': { status: 'stopped' } } })
  })

  it('goes on behind a page, and shows nothing of another tenant', async () => {
    const { register, call, tokenOf } = await withAgent()
    await register('agent-2')

    const { body } = await call('GET', '/agents', { query: { limit: '1' } })
    const rest = await call('GET', '/agents', { query: { after: String(body.next) } })

    expect(Object.keys({ ...Object(body.agents), ...Object(rest.body.agents) })).toEqual(['agent-1', 'agent-2'])
    expect((await call('GET', '/agents', { token: await tokenOf('globex') })).body).toEqual({ agents: {} })
  })
})

describe('POST /tasks/submit', () => {
  it('takes what the printed curl sends', async () => {
    const { submit, listed } = await withAgent()

    expect(await submit(printedSubmission())).toMatchObject({ status: 202, body: { task_id: 'test-1', status: 'accepted' } })

    expect(await listed('agent-1')).toMatchObject([{ type: 'analyze', input: {} }])
  })

  it("takes names in the query and the payload as the body, as the document's function reads it", async () => {
    const { submit, listed } = await withAgent()

    const query = { task_id: 'test-1', task_type: 'analyze' }
    expect(await submit({ text: 'Hi' }, { query })).toMatchObject({ status: 202, body: { task_id: 'test-1' } })

    expect(await listed('agent-1')).toMatchObject([{ type: 'analyze', input: { text: 'Hi' } }])
  })

  it('says that there is no agent', async () => {
    const { submit } = coordinator()

    expect(await submit(printedSubmission())).toMatchObject({
      status: 503,
      body: { code: 'no_agent_available', detail: 'No agents available' },
    })
  })

  it('makes one task of what is repeated, whoever of the tenant repeats it, and refuses another one', async () => {
    const { submit, listed, register, tokenOf } = await withAgent()
    await submit(printedSubmission())
    await register('agent-2')

    const again = await submit(printedSubmission(), { token: await tokenOf('acme', undefined, 'bob') })
    const other = await submit(submission({ payload: { text: 'other' } }))

    expect(again).toMatchObject({ status: 202, body: { task_id: 'test-1', status: 'accepted' } })
    expect(other).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(await listed('agent-1')).toHaveLength(1)
    expect(await listed('agent-2')).toHaveLength(0)
  })

  it('spreads tasks over agents: whoever has the least to do is next', async () => {
    const { submit, listed, register } = await withAgent()
    await register('agent-2')

    for (const task of [1, 2, 3, 4]) await submit(submission({ task_id: `task-${task}` }))

    expect(await listed('agent-1')).toHaveLength(2)
    expect(await listed('agent-2')).toHaveLength(2)
  })

  it('asks an agent without code by a text', async () => {
    const { submit, listed, call } = coordinator()
    const llm = { provider: 'scripted', model: 'scripted-1' }
    await call('POST', '/v1/agents', { body: { agentId: 'writer', name: 'Writer', llm, autoStart: true } })

    await submit(submission({ payload: { length: 3 } }))

    const [execution] = await listed('writer')
    expect(JSON.parse(llmInputSchema.parse(execution?.input).content)).toEqual({ task_type: 'analyze', payload: { length: 3 } })
  })

  it.each([
    { task_id: '../../agents/agent-1' },
    { task_id: 'a/b' },
    { task_id: 'a%2Fb' },
    { task_id: 'a#b' },
    { task_id: 'a\u0000b' },
    { task_id: '' },
    { task_id: 'x'.repeat(129) },
    { task_id: 7 },
    { task_type: '' },
    { task_type: undefined },
    { payload: 'text' },
    { payload: [1] },
    { payload: undefined },
  ])('refuses %j', async (overrides) => {
    const { submit } = await withAgent()

    expect(await submit(submission(overrides))).toMatchObject({ status: 422, body: { code: 'validation_error' } })
  })

  it('refuses a body that is no JSON, or larger than any may be', async () => {
    const { submit } = await withAgent()

    expect(await submit('{')).toMatchObject({ status: 422 })
    expect(await submit(submission({ payload: { text: 'x'.repeat(6 * 1024 * 1024) } }))).toMatchObject({ status: 413 })
  })
})

describe('GET /tasks/{task_id}', () => {
  it('tells how a task is, in three words', async () => {
    const { submit, call } = await withAgent()
    await submit(printedSubmission())

    const answer = await call('GET', '/tasks/test-1')

    expect(answer).toMatchObject({ status: 200 })
    expect(answer.body).toEqual({ status: 'processing', result: null, error: null })
  })

  it('knows executions by our ids as well', async () => {
    const { submit, call, listed } = await withAgent()
    await submit(printedSubmission())
    const [execution] = await listed('agent-1')

    expect(await call('GET', `/tasks/${execution?.executionId}`)).toMatchObject({ status: 200, body: { status: 'processing' } })
  })

  it('tells of the end, and of a failure with its code', async () => {
    const { submit, call, listed } = await withAgent()
    await submit(printedSubmission())
    const [execution] = await listed('agent-1')

    await call('POST', `/v1/executions/${execution?.executionId}/cancel`)

    expect((await call('GET', '/tasks/test-1')).body).toEqual({
      status: 'failed',
      result: null,
      error: expect.stringMatching(/^cancelled: /),
    })
  })

  it.each(['nothing', '..', '%2e%2e', 'a b', 'x'.repeat(300), '__proto__'])('knows no task %j', async (taskId) => {
    const { call } = await withAgent()

    expect(await call('GET', `/tasks/${taskId}`)).toMatchObject({ status: 404, body: { detail: 'Task not found' } })
  })

  it('knows no task of another tenant, which may have one of the same name', async () => {
    const { submit, call, tokenOf, register } = await withAgent()
    await submit(printedSubmission())
    const token = await tokenOf('globex')

    expect(await call('GET', '/tasks/test-1', { token })).toMatchObject({ status: 404, body: { detail: 'Task not found' } })

    await register('theirs', ENDPOINT, { token })
    expect(await submit(submission({ payload: { theirs: true } }), { token })).toMatchObject({ status: 202 })
    expect((await call('GET', '/tasks/test-1')).body).toMatchObject({ status: 'processing' })
  })
})

describe('scopes', () => {
  it.each([
    ['POST', '/agents/register', 'agents:read'],
    ['GET', '/agents', 'executions:read'],
    ['POST', '/tasks/submit', 'executions:read'],
    ['GET', '/tasks/test-1', 'agents:read'],
  ] as const)('%s %s is not for a token that has only another one', async (method, path, scope) => {
    const { call, tokenOf } = coordinator()
    const token = await tokenOf('acme', [scope])

    const options = method === 'POST' ? { body: submission(), token } : { token }
    expect(await call(method, path, options)).toMatchObject({ status: 403 })
  })
})
