import { describe, expect, it } from 'vitest'
import type { Principal } from '#shared/access/principal.ts'
import { createAgent } from '#shared/agents/create-agent.ts'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { type AgentDefinition, type CreateAgent, createAgentSchema } from '#shared/protocol/agent.ts'

const ada: Principal = { subject: 'ada', tenant: 'acme', scopes: ['agents:write'] }
const bob: Principal = { ...ada, subject: 'bob' }
const eve: Principal = { ...ada, tenant: 'globex' }

const definition = (overrides: Partial<AgentDefinition> = {}): CreateAgent =>
  createAgentSchema.parse({ name: 'Writer', llm: { provider: 'scripted', model: 'script-1' }, ...overrides })

function setup() {
  const time = { now: Date.parse('2026-11-21T09:30:00Z') }
  const dependencies = {
    agents: memoryAgentStore(),
    clock: { now: () => time.now },
    maxAgentsPerTenant: 3,
  }
  return { time, dependencies }
}

describe('createAgent', () => {
  it('registers an agent that waits for its start', async () => {
    const { dependencies } = setup()

    const agent = await createAgent(dependencies, ada, definition({ agentId: 'writer', topics: ['drafts', 'drafts', 'reviews'] }))

    expect(agent).toMatchObject({
      agentId: 'writer',
      kind: 'llm',
      status: 'created',
      health: 'unknown',
      topics: ['drafts', 'reviews'],
      maxConcurrency: 10,
      maxQueue: 10_000,
      version: 1,
      revision: 1,
      createdAt: '2026-11-21T09:30:00.000Z',
      updatedAt: '2026-11-21T09:30:00.000Z',
    })
    expect(await dependencies.agents.get('acme', 'writer')).toEqual(agent)
  })

  it('starts it at once when that is asked for', async () => {
    const { dependencies } = setup()

    expect(await createAgent(dependencies, ada, definition({ autoStart: true }))).toMatchObject({ status: 'running' })
  })

  it('keeps all that is said of it', async () => {
    const { dependencies } = setup()
    const said: Partial<AgentDefinition> = {
      description: 'Writes',
      agentType: 'business-analyst',
      implementation: 'anthropic',
      serviceName: 'writer',
      domain: 'underwriting',
      capabilities: ['risk'],
      taskTypes: ['analyze'],
      endpoints: [{ path: '/analyze', taskType: 'analyze' }],
      access: { roles: ['underwriter'] },
      deploymentId: 'd-1',
      config: { depth: { of: [1, null] } },
      persona: { role: 'a senior underwriter', expertise: ['risk'], personality: 'careful' },
      reasoningPattern: 'react',
      components: [{ id: 'voice', type: 'prompt', config: { system: 'Be brief.' } }],
      connections: [{ from: 'voice', to: 'voice' }],
    }

    const { agentId } = await createAgent(dependencies, ada, definition(said))

    expect(await dependencies.agents.get('acme', agentId)).toMatchObject({ ...said, prompts: { system: 'Be brief.' } })
  })

  it('refuses more agents than the tenant may have, and none of those that it has', async () => {
    const { dependencies } = setup()
    const three = ['a', 'b', 'c'].map((idempotencyKey) => createAgent(dependencies, ada, definition(), { idempotencyKey }))
    await Promise.all(three)

    await expect(createAgent(dependencies, ada, definition())).rejects.toMatchObject({ code: 'quota_exceeded' })
    expect(await createAgent(dependencies, ada, definition(), { idempotencyKey: 'b' })).toEqual(await three[1])
    expect(await createAgent(dependencies, eve, definition())).toMatchObject({ version: 1 })
  })

  it('keeps how it takes its work', async () => {
    const { dependencies } = setup()
    const work: Partial<AgentDefinition> = {
      topics: ['drafts'],
      filters: { drafts: { 'data.severity': [{ numeric: ['>=', 3] }] } },
      maxConcurrency: 3,
      maxQueue: 0,
      timeoutSeconds: 60,
      retry: { maxAttempts: 5 },
    }

    expect(await createAgent(dependencies, ada, definition(work))).toMatchObject(work)
  })

  it('refuses a filter of a topic that it does not subscribe to', async () => {
    const { dependencies } = setup()
    const filters = { drafts: { type: ['x'] }, reviews: { type: ['x'] } }

    await expect(createAgent(dependencies, ada, definition({ topics: ['drafts'], filters }))).rejects.toMatchObject({
      code: 'validation_error',
      fields: [{ path: 'filters.reviews' }],
    })
  })

  it('makes a new id for each call without id and key', async () => {
    const { dependencies } = setup()

    const first = await createAgent(dependencies, ada, definition())
    const second = await createAgent(dependencies, ada, definition())

    expect(first.agentId).not.toBe(second.agentId)
  })

  it.each([
    ['an id', { agentId: 'writer' }],
    ['no id', {}],
  ])('gives the first answer again for the same key, with %s', async (_what, id) => {
    const { dependencies, time } = setup()
    const options = { idempotencyKey: 'key-1' }
    const first = await createAgent(dependencies, ada, definition(id), options)
    time.now += 1_000

    expect(await createAgent(dependencies, ada, definition(id), options)).toEqual(first)
  })

  it('refuses the same key with another definition', async () => {
    const { dependencies } = setup()
    const options = { idempotencyKey: 'key-1' }
    await createAgent(dependencies, ada, definition(), options)

    await expect(createAgent(dependencies, ada, definition({ name: 'Other' }), options)).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('keeps the keys of subjects and tenants apart', async () => {
    const { dependencies } = setup()
    const options = { idempotencyKey: 'key-1' }

    const agents = await Promise.all(
      [ada, bob, eve].map((principal) => createAgent(dependencies, principal, definition(), options)),
    )

    expect(new Set(agents.map(({ agentId }) => agentId)).size).toBe(3)
  })

  it('refuses a taken id, even for the same definition, when there is no key', async () => {
    const { dependencies } = setup()
    await createAgent(dependencies, ada, definition({ agentId: 'writer' }))

    await expect(createAgent(dependencies, ada, definition({ agentId: 'writer' }))).rejects.toMatchObject({ code: 'conflict' })
  })

  it('lets another tenant have the same id', async () => {
    const { dependencies } = setup()
    await createAgent(dependencies, ada, definition({ agentId: 'writer' }))

    await expect(createAgent(dependencies, eve, definition({ agentId: 'writer', name: 'Theirs' }))).resolves.toMatchObject({
      name: 'Theirs',
    })
  })
})
