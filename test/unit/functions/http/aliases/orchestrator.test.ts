import { describe, expect, it } from 'vitest'
import { llmInputSchema } from '#shared/protocol/llm-input.ts'
import { ROUTES } from '../../../../../functions/http/route-table.ts'
import { aLease } from '../../../../helpers/executions.ts'
import { type HttpCall, httpCaller } from '../../../../helpers/http-caller.ts'
import { printedExecuteTask, printedOrchestratorRoutes, printedRegistration } from '../../../../helpers/printed-requests.ts'

const ID = 'underwriting_agent_01'
const MODEL = { provider: 'scripted', model: 'answer' } as const

/** The service as it is on a developer's machine. */
function orchestrator() {
  const caller = httpCaller({ defaultModel: MODEL, allowPrivateCallbacks: true })
  const post = (verb: string, body: unknown, options: HttpCall = {}) =>
    caller.call('POST', `/orchestrator/${verb}`, { ...options, body })
  const get = (path: string, options: HttpCall = {}) => caller.call('GET', `/orchestrator/${path}`, options)
  const record = (executionId: string) => caller.dependencies.executions.get({ tenant: 'acme', executionId })
  return { ...caller, post, get, record }
}

async function withAgent() {
  const scene = orchestrator()
  await scene.post('register', printedRegistration())
  return scene
}

describe('the orchestrator document', () => {
  it.each(printedOrchestratorRoutes())('has its route "%s" here', (printed) => {
    expect(ROUTES.map(({ method, path }) => `${method} ${path}`)).toContain(printed)
  })
})

describe('POST /orchestrator/register', () => {
  it.each([
    [{ domain: '' }, 'domain'],
    [{ deployment_id: '' }, 'deployment_id'],
    [{ deployment_id: 'd'.repeat(129) }, 'deployment_id'],
    [{ brain_config: { connections: Array.from({ length: 201 }, () => ({ from: 'a', to: 'b' })) } }, 'brain_config.connections'],
  ])('says by the name that the caller gave it what is wrong: %#', async (fields, path) => {
    const { post } = orchestrator()

    const answer = await post('register', { ...printedRegistration(), ...fields })

    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path }] } })
  })

  it('refuses a key wherever it stands, also where nobody reads it', async () => {
    const { post, call, auditLog } = orchestrator()
    const key = ['sk-', 'proj-', 'Abc123Def456Ghi789'].join('')

    const answers = [
      await post('register', { ...printedRegistration(), brain_config: { tool: { apiKey: key } } }),
      await post('register', { ...printedRegistration(), api_key: key }),
      await call('POST', '/agents/register', { body: { agent_id: 'a', endpoint: 'http://127.0.0.1:9', api_key: key } }),
    ]

    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(Array(3).fill([422, 'secret_in_request']))
    expect(JSON.stringify([answers, auditLog.written])).not.toContain(key)
  })

  it('registers the printed agent, which is active at once', async () => {
    const { post, call } = orchestrator()

    expect(await post('register', printedRegistration())).toMatchObject({
      status: 200,
      body: { status: 'registered', agent_id: ID },
    })

    const { body } = await call('GET', `/v1/agents/${ID}`)
    expect(body).toMatchObject({
      agentId: ID,
      name: 'Underwriting Assistant',
      kind: 'llm',
      status: 'running',
      domain: 'underwriting',
      deploymentId: 'deploy_001',
      persona: { role: 'Underwriting Analyst', expertise: ['risk'], personality: 'balanced' },
      reasoningPattern: 'react',
      components: [],
      connections: [],
      llm: MODEL,
      version: 1,
    })
  })

  it('changes a known agent, and nothing when it says the same', async () => {
    const { post, call } = await withAgent()
    const standing = async () => (await call('GET', `/v1/agents/${ID}`)).body

    await post('register', printedRegistration())
    expect(await standing()).toMatchObject({ version: 1 })

    const changed = await post('register', { ...printedRegistration(), agent_name: 'Risk desk', domain: 'risk' })
    expect(changed).toMatchObject({ status: 200, body: { status: 'registered' } })
    expect(await standing()).toMatchObject({ name: 'Risk desk', domain: 'risk', deploymentId: 'deploy_001', version: 2 })
  })

  it('keeps what a repeated registration does not say', async () => {
    const { post, call } = await withAgent()

    await post('register', { agent_id: ID })

    expect((await call('GET', `/v1/agents/${ID}`)).body).toMatchObject({ name: 'Underwriting Assistant', version: 1, llm: MODEL })
  })

  it.each(['stop', 'pause'])('has an agent work again after a %s', async (verb) => {
    const { post, call } = await withAgent()
    await call('POST', `/v1/agents/${ID}/${verb}`)

    await post('register', printedRegistration())

    expect((await call('GET', `/v1/agents/${ID}`)).body).toMatchObject({ status: 'running' })
  })

  it('takes the model from the brain, or from a component of it', async () => {
    const { post, call } = orchestrator()
    const llm = { provider: 'openai', model: 'gpt-5-mini' }

    await post('register', { agent_id: 'one', brain_config: { llm } })
    await post('register', {
      agent_id: 'two',
      brain_config: { components: [{ id: 'mind', type: 'model', config: llm }], connections: [] },
    })

    expect((await call('GET', '/v1/agents/one')).body).toMatchObject({ llm, name: 'one' })
    expect((await call('GET', '/v1/agents/two')).body).toMatchObject({ llm, name: 'two' })
  })

  it('says what to set where there is no model', async () => {
    const { call } = httpCaller()

    const answer = await call('POST', '/orchestrator/register', { body: printedRegistration() })

    expect(answer).toMatchObject({ status: 422, body: { code: 'validation_error' } })
    expect(answer.body.detail).toMatch(/brain_config\.llm.*defaultModel/)
  })

  it('keeps what else is in the brain as the configuration of the agent', async () => {
    const { post, call, get } = orchestrator()

    await post('register', { agent_id: ID, brain_config: { memory: { turns: 5 } } })

    expect((await call('GET', `/v1/agents/${ID}`)).body).toMatchObject({ config: { memory: { turns: 5 } } })
    expect((await get(`agents/${ID}`)).body).toMatchObject({ brain_config: { memory: { turns: 5 }, llm: MODEL } })
  })

  it.each([
    { brain_config: { reasoningPattern: 'multi_agent' }, code: 'validation_error' },
    { brain_config: { components: [{ id: 'a', type: 'vector_store' }] }, code: 'unsupported' },
    { brain_config: { components: [], connections: [{ from: 'a', to: 'b' }] }, code: 'validation_error' },
    { brain_config: { reasoningPattern: 'guess' }, code: 'validation_error' },
    { brain_config: { api_key: 'sk-live-0123456789abcdefghij' }, code: 'secret_in_request' },
    { agent_id: '../etc/passwd', code: 'validation_error' },
    { agent_id: '', code: 'validation_error' },
    { agent_id: undefined, code: 'validation_error' },
    { agent_name: '', code: 'validation_error' },
  ])('refuses %j', async ({ code, ...body }) => {
    const { post } = orchestrator()

    expect(await post('register', { ...printedRegistration(), ...body })).toMatchObject({ status: 422, body: { code } })
  })

  it('takes no id of an agent of another kind', async () => {
    const { post, call } = orchestrator()
    await call('POST', '/agents/register', { body: { agent_id: ID, endpoint: 'http://127.0.0.1:9' } })

    expect(await post('register', printedRegistration())).toMatchObject({ status: 409, body: { code: 'conflict' } })
  })
})

describe('POST /orchestrator/unregister', () => {
  it('removes an agent', async () => {
    const { post, get } = await withAgent()

    expect(await post('unregister', { agent_id: ID })).toMatchObject({
      status: 200,
      body: { status: 'unregistered', agent_id: ID },
    })
    expect(await get(`agents/${ID}`)).toMatchObject({ status: 404 })
    expect(await post('unregister', { agent_id: ID })).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })

  it('lets what runs end first, and takes nothing more', async () => {
    const { post, get, dependencies } = await withAgent()
    const { body } = await post('execute-task', printedExecuteTask())
    const now = dependencies.clock.now()
    await dependencies.executions.acquire({ tenant: 'acme', executionId: String(body.task_id) }, aLease('worker', now))

    expect(await post('unregister', { agent_id: ID })).toMatchObject({ status: 202, body: { status: 'unregistering' } })

    expect(await get(`agents/${ID}`)).toMatchObject({ status: 200, body: { status: 'stopping', active_sessions: 1 } })
    expect(await post('execute-task', printedExecuteTask())).toMatchObject({ status: 409, body: { code: 'agent_not_running' } })
  })
})

describe('GET /orchestrator/agents', () => {
  it('lists agents, page by page', async () => {
    const { post, get } = await withAgent()
    await post('register', { agent_id: 'second' })

    const first = await get('agents', { query: { limit: '1' } })
    const second = await get('agents', { query: { limit: '1', after: String(first.body.next) } })

    const ids = [first, second].flatMap(({ body }) => (body.agents as { agent_id: string }[]).map(({ agent_id }) => agent_id))
    expect(ids.toSorted()).toEqual(['second', ID])
    expect(first.body).toMatchObject({ count: 1 })
  })

  it('shows one with what it has to do', async () => {
    const { post, get } = await withAgent()
    await post('execute-task', printedExecuteTask())

    expect((await get(`agents/${ID}`)).body).toEqual({
      agent_id: ID,
      agent_name: 'Underwriting Assistant',
      domain: 'underwriting',
      status: 'running',
      health: 'unknown',
      brain_config: expect.objectContaining({ reasoningPattern: 'react', components: [] }),
      deployment_id: 'deploy_001',
      registered_at: '2026-11-21T09:30:00.000Z',
      last_health_check: null,
      active_sessions: 1,
      waiting_tasks: 0,
    })
  })
})

describe('POST /orchestrator/start and stop', () => {
  it('take the id in the body, and can be repeated', async () => {
    const { post } = await withAgent()

    expect(await post('start', { agent_id: ID })).toMatchObject({ status: 200, body: { agent_id: ID, status: 'running' } })
    expect(await post('stop', { agent_id: ID })).toMatchObject({ status: 200, body: { agent_id: ID, status: 'stopped' } })
    expect(await post('execute-task', printedExecuteTask())).toMatchObject({ status: 409 })
    expect(await post('start', { agent_id: ID })).toMatchObject({ status: 200, body: { status: 'running' } })
    expect(await post('execute-task', printedExecuteTask())).toMatchObject({ status: 202 })
  })

  it.each(['start', 'stop', 'unregister'])('%s knows no agent of another tenant', async (verb) => {
    const { post, tokenOf } = await withAgent()

    const foreign = await post(verb, { agent_id: ID }, { token: await tokenOf('globex') })
    const unknown = await post(verb, { agent_id: 'nobody' })

    expect(foreign).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(unknown).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })
})

describe('POST /orchestrator/execute-task', () => {
  it('takes the printed task: an agent without code gets it whole, as a text', async () => {
    const { post, record } = await withAgent()

    const answer = await post('execute-task', printedExecuteTask())

    expect(answer).toMatchObject({ status: 202, body: { agent_id: ID, status: 'accepted' } })
    const execution = await record(String(answer.body.task_id))
    expect(execution).toMatchObject({ agentId: ID, type: 'risk_assessment', priority: 5, timeoutSeconds: 300 })
    const { content } = llmInputSchema.parse(execution?.input)
    expect(JSON.parse(content)).toEqual({
      task_type: 'risk_assessment',
      task_data: { applicant_id: 'APP001', loan_amount: 500_000, credit_score: 720 },
    })
  })

  it('gives a text in the data to such an agent as it is', async () => {
    const { post, record } = await withAgent()
    const task_data = { content: 'What is the risk?', applicant_id: 'APP001' }

    const { body } = await post('execute-task', { ...printedExecuteTask(), task_data })

    expect(await record(String(body.task_id))).toMatchObject({ input: task_data })
  })

  it('gives the data alone to a service', async () => {
    const { post, call, record } = orchestrator()
    await call('POST', '/agents/register', { body: { agent_id: ID, endpoint: 'http://127.0.0.1:9' } })

    const { body } = await post('execute-task', printedExecuteTask())

    expect(await record(String(body.task_id))).toMatchObject({ input: printedExecuteTask().task_data, type: 'risk_assessment' })
  })

  it.each([1, 10])('takes the priority %i as it is', async (priority) => {
    const { post, record } = await withAgent()

    const { body } = await post('execute-task', { ...printedExecuteTask(), priority })

    expect(await record(String(body.task_id))).toMatchObject({ priority })
  })

  it('makes one task of what is repeated under a key, and refuses another one', async () => {
    const { post } = await withAgent()
    const options = { headers: { 'idempotency-key': 'k-1' } }

    const [first, second] = [
      await post('execute-task', printedExecuteTask(), options),
      await post('execute-task', printedExecuteTask(), options),
    ]
    const other = await post('execute-task', { ...printedExecuteTask(), task_data: {} }, options)

    expect(second.body.task_id).toBe(first.body.task_id)
    expect(other).toMatchObject({ status: 409, body: { code: 'conflict' } })
  })

  it.each([
    { body: { agent_id: 'nobody' }, status: 404 },
    { body: { priority: 0 }, status: 422 },
    { body: { priority: 11 }, status: 422 },
    { body: { timeout_seconds: 0 }, status: 422 },
    { body: { task_type: '' }, status: 422 },
    { body: { task_data: 'text' }, status: 422 },
    { body: { callback_url: 'ftp://example.com' }, status: 422 },
  ])('answers $status to $body', async ({ body, status }) => {
    const { post } = await withAgent()

    expect(await post('execute-task', { ...printedExecuteTask(), ...body })).toMatchObject({ status })
  })

  it('calls back no address inside', async () => {
    const { call } = httpCaller({ defaultModel: MODEL })
    await call('POST', '/orchestrator/register', { body: printedRegistration() })

    const body = { ...printedExecuteTask(), callback_url: 'http://127.0.0.1/hook' }

    expect(await call('POST', '/orchestrator/execute-task', { body })).toMatchObject({ status: 422 })
  })
})

describe('GET /orchestrator/tasks/{task_id}', () => {
  it('tells how a task is', async () => {
    const { post, get } = await withAgent()
    const { body } = await post('execute-task', printedExecuteTask())

    expect(await get(`tasks/${body.task_id}`)).toMatchObject({
      status: 200,
      body: {
        task_id: body.task_id,
        agent_id: ID,
        task_type: 'risk_assessment',
        status: 'processing',
        result: null,
        error: null,
        priority: 5,
        created_at: '2026-11-21T09:30:00.000Z',
        completed_at: null,
      },
    })
  })

  it('knows no task that there is not, nor one of another tenant', async () => {
    const { post, get, tokenOf } = await withAgent()
    const { body } = await post('execute-task', printedExecuteTask())

    const unknown = await get('tasks/nothing')
    const foreign = await get(`tasks/${body.task_id}`, { token: await tokenOf('globex') })

    expect(unknown).toMatchObject({ status: 404, body: { code: 'not_found', detail: 'Task not found' } })
    expect(foreign).toMatchObject({ status: 404, body: { code: 'not_found', detail: 'Task not found' } })
  })
})

describe('scopes', () => {
  it.each([
    ['POST', 'register', 'agents:read'],
    ['POST', 'unregister', 'agents:read'],
    ['POST', 'start', 'agents:read'],
    ['POST', 'stop', 'agents:read'],
    ['POST', 'execute-task', 'executions:read'],
    ['GET', 'agents', 'executions:read'],
    ['GET', `agents/${ID}`, 'executions:read'],
    ['GET', 'tasks/t-1', 'agents:read'],
  ] as const)('%s %s is not for a token that has only another one', async (method, path, scope) => {
    const { call, tokenOf } = orchestrator()
    const token = await tokenOf('acme', [scope])

    const options = method === 'POST' ? { body: printedRegistration(), token } : { token }
    expect(await call(method, `/orchestrator/${path}`, options)).toMatchObject({ status: 403 })
  })
})
