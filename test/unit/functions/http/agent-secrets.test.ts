import { describe, expect, it } from 'vitest'
import { httpCaller } from '../../../helpers/http-caller.ts'

/** Made up piece by piece: nothing in this file looks like a key to whoever scans it. */
const KEY = ['sk-', 'proj-', 'Abc123Def456Ghi789'].join('')

const llm = { provider: 'scripted', model: 'script-1' }
const whole = {
  agentId: 'writer',
  name: 'Writer',
  description: 'Writes',
  topics: ['drafts'],
  filters: { drafts: { type: ['x'] } },
  agentType: 'analyst',
  implementation: 'anthropic',
  serviceName: 'writer',
  domain: 'loans',
  capabilities: ['sum'],
  taskTypes: ['analyze'],
  endpoints: [{ path: '/analyze', taskType: 'analyze' }],
  access: { principals: ['ada'], roles: ['user'], agents: ['a'], workflows: ['w'] },
  deploymentId: 'd-1',
  config: { nested: { headers: [{ name: 'x-trace', value: 'on' }] } },
  persona: { role: 'a writer', expertise: ['texts'], personality: 'dry' },
  components: [{ id: 'c', type: 'prompt', config: { system: 'Be brief.' } }],
  connections: [{ from: 'c', to: 'c' }],
  llm,
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** The same with the key in the place of one text, for every text that there is; and once with it as a name. */
function* planted(value: Json, put: (changed: Json) => Json): Generator<Json> {
  if (typeof value === 'string') yield put(KEY)
  else if (Array.isArray(value))
    for (const [place, inner] of value.entries()) yield* planted(inner, (changed) => put(value.with(place, changed)))
  else if (typeof value === 'object' && value !== null) {
    yield put({ ...value, [KEY]: 'x' })
    for (const [name, inner] of Object.entries(value)) yield* planted(inner, (changed) => put({ ...value, [name]: changed }))
  }
}

const places = [...planted(whole, (changed) => changed)]

describe.each([
  ['POST', '/v1/agents', (body: Json) => body],
  ['PATCH', '/v1/agents/standing', (body: Json) => body],
  ['PUT', '/v1/agent-templates/mine', (body: Json) => ({ definition: body })],
  ['POST', '/v1/agents', (body: Json) => ({ ...(body as object), template: 'standing' })],
])('%s %s with a key', (method, path, bodyOf) => {
  it('is refused wherever it stands, and the key is nowhere afterwards', async () => {
    const { call, dependencies, log, auditLog } = httpCaller()
    await call('POST', '/v1/agents', { body: { agentId: 'standing', name: 'Standing', llm } })
    await call('PUT', '/v1/agent-templates/standing', { body: { definition: { name: 'Standing', llm } } })

    const answers = []
    for (const place of places) answers.push(await call(method, path, { body: bodyOf(place) }))

    expect(places.length).toBeGreaterThan(30)
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.code}`))).toEqual(new Set(['422 secret_in_request']))
    const { agents, agentTemplates } = dependencies
    const stored = [await agents.list('acme', { limit: 100 }), await agentTemplates.list('acme', { limit: 100 })]
    const everything = JSON.stringify([answers, stored, log, auditLog])
    expect(everything).not.toContain(KEY)
    expect(stored).toMatchObject([{ agents: [{ agentId: 'standing', version: 1 }] }, { templates: [{ name: 'standing' }] }])
  })
})

it('says where it stands and what to do instead', async () => {
  const body = { name: 'Writer', llm, config: { openai: { apiKey: KEY } } }

  expect((await httpCaller().call('POST', '/v1/agents', { body })).body).toMatchObject({
    detail: expect.stringContaining('store it in Secrets Manager as "{platform}-{service}-secret"'),
    errors: [{ path: 'config.openai.apiKey' }],
  })
})
