import { describe, expect, it } from 'vitest'
import type { AgentStore } from '#shared/agents/agent-store.ts'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { newId } from '#shared/platform/ids.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const agentOf = (agentId: string, overrides: Partial<Agent> = {}): Agent => ({
  agentId,
  name: `Agent ${agentId}`,
  kind: 'llm',
  status: 'running',
  health: 'unknown',
  topics: [],
  llm: { provider: 'scripted', model: 'script-1', temperature: 0.25 },
  prompts: { system: 'Be brief.' },
  version: 1,
  createdAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:00.000Z',
  ...overrides,
})

const stores: [string, AgentStore][] = [
  ['memory', memoryAgentStore()],
  ...dynamoBackends().map(({ name, client, tables }): [string, AgentStore] => [name, dynamoAgentStore(client, tables.registry)]),
]

describe.each(stores)('AgentStore on %s', (_name, agents) => {
  it('gives back what it was given', async () => {
    const tenant = newId()
    const agent = agentOf('writer', { description: 'Writes', topics: ['drafts', 'reviews'] })

    expect(await agents.create(tenant, agent)).toBe('created')

    expect(await agents.get(tenant, 'writer')).toEqual(agent)
    expect(await agents.get(tenant, 'reader')).toBeUndefined()
  })

  it('creates an id once and leaves the first agent and its subscriptions alone', async () => {
    const tenant = newId()
    await agents.create(tenant, agentOf('writer', { topics: ['drafts'] }))

    expect(await agents.create(tenant, agentOf('writer', { name: 'Other', topics: ['reviews'] }))).toBe('exists')

    expect(await agents.get(tenant, 'writer')).toMatchObject({ name: 'Agent writer', topics: ['drafts'] })
    expect(await agents.subscribersOf(tenant, 'reviews')).toEqual([])
  })

  it('lets one of many creations at once win', async () => {
    const tenant = newId()

    const results = await Promise.all(
      Array.from({ length: 5 }, () => agents.create(tenant, agentOf('writer', { topics: ['drafts'] }))),
    )

    expect(results.toSorted()).toEqual(['created', 'exists', 'exists', 'exists', 'exists'])
    expect(await agents.subscribersOf(tenant, 'drafts')).toEqual(['writer'])
  })

  it('takes as many topics as the protocol allows', async () => {
    const tenant = newId()
    const topics = Array.from({ length: 50 }, (_, index) => `topic-${index}`)

    expect(await agents.create(tenant, agentOf('writer', { topics }))).toBe('created')

    expect(await agents.subscribersOf(tenant, 'topic-49')).toEqual(['writer'])
  })

  it('names every subscriber of a topic, of this tenant only', async () => {
    const [tenant, other] = [newId(), newId()]
    await agents.create(tenant, agentOf('b', { topics: ['drafts', 'reviews'] }))
    await agents.create(tenant, agentOf('a', { topics: ['drafts'] }))
    await agents.create(other, agentOf('c', { topics: ['drafts'] }))

    expect(await agents.subscribersOf(tenant, 'drafts')).toEqual(['a', 'b'])
    expect(await agents.subscribersOf(tenant, 'draft')).toEqual([])
  })

  it('lists page by page, without a gap, and says when it is done', async () => {
    const tenant = newId()
    for (const agentId of ['d', 'b', 'a', 'c']) await agents.create(tenant, agentOf(agentId, { topics: ['drafts'] }))

    const first = await agents.list(tenant, { limit: 2 })
    const second = await agents.list(tenant, { limit: 2, after: first.next })

    expect(first.agents.map(({ agentId }) => agentId)).toEqual(['a', 'b'])
    expect(first.next).toBeTypeOf('string')
    expect(second.agents.map(({ agentId }) => agentId)).toEqual(['c', 'd'])
    expect(second).not.toHaveProperty('next')
  })

  it('keeps tenants apart, and cursors with them', async () => {
    const [tenant, other] = [newId(), newId()]
    await agents.create(tenant, agentOf('a'))
    await agents.create(tenant, agentOf('b'))
    await agents.create(other, agentOf('z'))

    const { next } = await agents.list(tenant, { limit: 1 })
    const page = await agents.list(other, { limit: 10, after: next })

    expect(page.agents.map(({ agentId }) => agentId)).toEqual(['z'])
    expect(await agents.get(other, 'a')).toBeUndefined()
    expect(await agents.list(newId(), { limit: 10 })).toEqual({ agents: [] })
  })

  it.each([['nonsense!'], [''], ['YWdlbnQjMQ'], ['YQ==']])('refuses the cursor "%s"', async (after) => {
    await expect(agents.list(newId(), { limit: 1, after })).rejects.toMatchObject({ code: 'validation_error' })
  })
})
