import { describe, expect, it } from 'vitest'
import type { Principal } from '#shared/access/principal.ts'
import { createAgent } from '#shared/agents/create-agent.ts'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import type { CreateAgent } from '#shared/protocol/agent.ts'

const ada: Principal = { subject: 'ada', tenant: 'acme', scopes: ['agents:write'] }
const bob: Principal = { ...ada, subject: 'bob' }
const eve: Principal = { ...ada, tenant: 'globex' }

const definition = (overrides: Partial<CreateAgent> = {}): CreateAgent => ({
  name: 'Writer',
  topics: [],
  llm: { provider: 'scripted', model: 'script-1' },
  prompts: {},
  ...overrides,
})

function setup() {
  const time = { now: Date.parse('2026-11-21T09:30:00Z') }
  return { time, dependencies: { agents: memoryAgentStore(), clock: { now: () => time.now } } }
}

describe('createAgent', () => {
  it('registers an agent that can run at once', async () => {
    const { dependencies } = setup()

    const agent = await createAgent(dependencies, ada, definition({ agentId: 'writer', topics: ['drafts', 'drafts', 'reviews'] }))

    expect(agent).toMatchObject({
      agentId: 'writer',
      kind: 'llm',
      status: 'running',
      health: 'unknown',
      topics: ['drafts', 'reviews'],
      version: 1,
      createdAt: '2026-11-21T09:30:00.000Z',
      updatedAt: '2026-11-21T09:30:00.000Z',
    })
    expect(await dependencies.agents.get('acme', 'writer')).toEqual(agent)
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
