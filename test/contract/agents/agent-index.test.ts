import { describe, expect, it } from 'vitest'
import type { AgentFilter, AgentStore } from '#shared/agents/agent-store.ts'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { MAX_LOOKED_AT } from '#shared/agents/page-of-agents.ts'
import { newId } from '#shared/platform/ids.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'
import { aFunctionAgent, anAgent } from '../../helpers/executions.ts'

const agentOf = (agentId: string, overrides: Partial<LlmAgent> = {}): LlmAgent => anAgent({ agentId, topics: [], ...overrides })

const backends: { name: string; agents: AgentStore }[] = [
  { name: 'memory', agents: memoryAgentStore() },
  ...dynamoBackends().map(({ name, client, tables }) => ({ name, agents: dynamoAgentStore(client, tables.registry) })),
]

describe.each(backends)('AgentStore on $name', ({ agents }) => {
  /** Ids of all pages, walked by their cursors. */
  async function walk(tenant: string, filter: AgentFilter, limit = 2): Promise<string[]> {
    const ids: string[] = []
    let after: string | undefined
    do {
      const page = await agents.list(tenant, { limit, after, filter })
      expect(page.agents.length).toBeLessThanOrEqual(limit)
      ids.push(...page.agents.map(({ agentId }) => agentId))
      after = page.next
    } while (after !== undefined)
    return ids
  }

  async function aTeam(): Promise<string> {
    const tenant = newId()
    await agents.create(tenant, agentOf('a', { domain: 'loans', capabilities: ['ocr', 'sum'], agentType: 'analyst' }))
    await agents.create(tenant, agentOf('b', { domain: 'loans', capabilities: ['sum'], status: 'created' }))
    await agents.create(tenant, agentOf('c', { domain: 'claims', capabilities: ['sum', 'sum-2'], deploymentId: 'd-7' }))
    await agents.create(tenant, agentOf('d', { domain: 'loans', capabilities: ['sum.up'] }))
    await agents.create(tenant, aFunctionAgent({ agentId: 'e', topics: [], domain: 'loans' }))
    return tenant
  }

  it.each<[AgentFilter, string[]]>([
    [{}, ['a', 'b', 'c', 'd', 'e']],
    [{ domain: 'loans' }, ['a', 'b', 'd', 'e']],
    [{ domain: 'loan' }, []],
    [{ capability: 'sum' }, ['a', 'b', 'c']],
    [{ capability: 'sum', domain: 'loans' }, ['a', 'b']],
    [{ capability: 'sum', status: 'created' }, ['b']],
    [{ status: 'running' }, ['a', 'c', 'd', 'e']],
    [{ kind: 'function' }, ['e']],
    [{ agentType: 'analyst' }, ['a']],
    [{ deploymentId: 'd-7' }, ['c']],
    [{ kind: 'remote' }, []],
  ])('lists those that pass %j, page by page', async (filter, ids) => {
    expect(await walk(await aTeam(), filter)).toEqual(ids)
  })

  it('follows a definition that is replaced, and one that goes', async () => {
    const tenant = await aTeam()

    await agents.replace(tenant, agentOf('a', { domain: 'claims', capabilities: ['ocr'], revision: 2 }))
    await agents.remove({ tenant, agentId: 'c' })

    expect(await walk(tenant, { domain: 'claims' })).toEqual(['a'])
    expect(await walk(tenant, { domain: 'loans' })).toEqual(['b', 'd', 'e'])
    expect(await walk(tenant, { capability: 'sum' })).toEqual(['b'])
    expect(await agents.get(tenant, 'a')).not.toHaveProperty('agentType')
  })

  it('looks at a bounded number of agents, and says honestly that there may be more', async () => {
    const tenant = newId()
    const ids = Array.from({ length: MAX_LOOKED_AT + 1 }, (_, index) => `agent-${String(index).padStart(4, '0')}`)
    for (let from = 0; from < ids.length; from += 50)
      await Promise.all(
        ids.slice(from, from + 50).map((agentId) => agents.create(tenant, agentOf(agentId, { status: 'created' }))),
      )
    await agents.create(tenant, agentOf('zebra'))

    const first = await agents.list(tenant, { limit: 10, filter: { status: 'running' } })
    const second = await agents.list(tenant, { limit: 10, after: first.next, filter: { status: 'running' } })

    expect(first).toEqual({ agents: [], next: expect.any(String) })
    expect(second).toEqual({ agents: [expect.objectContaining({ agentId: 'zebra' })] })
  }, 60_000)

  it('keeps the tenants of an index apart, whatever the cursor', async () => {
    const [tenant, other] = [await aTeam(), newId()]
    await agents.create(other, agentOf('z', { domain: 'loans', capabilities: ['sum'] }))

    const { next } = await agents.list(tenant, { limit: 1, filter: { domain: 'loans' } })
    const page = await agents.list(other, { limit: 10, after: next, filter: { domain: 'loans' } })

    expect(page.agents.map(({ agentId }) => agentId)).toEqual(['z'])
    expect(await agents.capabilitiesOf(other, { limit: 10 })).toEqual([{ capability: 'sum', agents: 1 }])
  })

  it('tells what can be done, and how many can', async () => {
    const tenant = await aTeam()

    expect(await agents.capabilitiesOf(tenant, { limit: 10 })).toEqual([
      { capability: 'ocr', agents: 1 },
      { capability: 'sum', agents: 3 },
      { capability: 'sum-2', agents: 1 },
      { capability: 'sum.up', agents: 1 },
    ])
    expect(await agents.capabilitiesOf(tenant, { limit: 2, after: 'ocr' })).toEqual([
      { capability: 'sum', agents: 3 },
      { capability: 'sum-2', agents: 1 },
    ])
    expect(await agents.capabilitiesOf(newId(), { limit: 2 })).toEqual([])
  })

  it('gives back any JSON that a definition may hold', async () => {
    const tenant = newId()
    const config = { '': [1e300, -0.1, null, { ' ': [] }], list: [[]], ünï: '\u0000\ud83d\ude00' }
    const components = [{ id: 'm', type: 'model', config }]
    await agents.create(tenant, agentOf('a', { config, components }))
    await agents.replace(tenant, agentOf('a', { config: { ...config, more: {} }, components, revision: 2 }))

    expect(await agents.get(tenant, 'a')).toMatchObject({ config: { ...config, more: {} }, components })
    expect((await agents.list(tenant, { limit: 1 })).agents).toMatchObject([{ components }])
  })

  it.each<[string, Partial<LlmAgent>]>([
    [
      'an output',
      { output: { schema: { properties: { constructor: { name: 'Set' }, '': { maximum: 1e300 } }, required: ['constructor'] } } },
    ],
    ['a model', { llm: { provider: 'custom', model: 'own', headers: { constructor: 'x' }, timeouts: { idleSeconds: 1e-200 } } }],
    ['a retry policy', { retry: { backoffSeconds: 1e-200 } }],
    [
      'a tool',
      {
        tools: [
          {
            ...{ type: 'lambda', name: 'build', description: 'Builds.', function: 'build' },
            parameters: { properties: { constructor: { type: 'string' } } },
          },
        ],
      },
    ],
  ])('gives back %s with names and numbers that tables do not take', async (_what, definition) => {
    const tenant = newId()
    await agents.create(tenant, agentOf('a', definition))
    await agents.replace(tenant, agentOf('a', { ...definition, description: 'again', revision: 2 }))

    expect(await agents.get(tenant, 'a')).toMatchObject({ ...definition, description: 'again' })
  })

  it('gives back filters of topics, whatever their names and numbers', async () => {
    const tenant = newId()
    const filters = { constructor: { constructor: [1e300, 'String'] } }
    await agents.create(tenant, agentOf('a', { topics: ['constructor'], filters }))

    expect(await agents.get(tenant, 'a')).toMatchObject({ filters })
    expect(await agents.subscribersOf(tenant, 'constructor')).toEqual([{ agentId: 'a', filter: filters.constructor }])
  })

  describe('quota', () => {
    it('lets exactly as many of many at once in as there is room for', async () => {
      const tenant = newId()

      const results = await Promise.all(
        Array.from({ length: 8 }, (_, index) => agents.create(tenant, agentOf(`agent-${index}`), 3)),
      )

      expect(results.filter((result) => result === 'created')).toHaveLength(3)
      expect(results.filter((result) => result === 'full')).toHaveLength(5)
      expect((await agents.list(tenant, { limit: 10 })).agents).toHaveLength(3)
    })

    it('frees a place with each agent that goes, once', async () => {
      const tenant = newId()
      await agents.create(tenant, agentOf('a'), 1)

      expect(await agents.create(tenant, agentOf('b'), 1)).toBe('full')
      expect(await agents.create(tenant, agentOf('a'), 1)).toBe('exists')
      const gone = await Promise.all([agents.remove({ tenant, agentId: 'a' }), agents.remove({ tenant, agentId: 'a' })])
      expect(gone.toSorted()).toEqual(['missing', 'removed'])
      expect(await agents.create(tenant, agentOf('b'), 1)).toBe('created')
      expect(await agents.create(tenant, agentOf('c'), 1)).toBe('full')
    })

    it('counts agents in code, and refuses none of them', async () => {
      const tenant = newId()
      await agents.create(tenant, agentOf('a'), 1)

      expect(await agents.create(tenant, aFunctionAgent({ agentId: 'code', topics: [] }))).toBe('created')
      expect(await agents.create(tenant, agentOf('b'), 2)).toBe('full')
    })
  })
})
