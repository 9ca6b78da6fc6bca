import { describe, expect, it } from 'vitest'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { patchAgent } from '#shared/agents/patch-agent.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { aFunctionAgent, anAgent } from '../../helpers/executions.ts'

const KEY = { tenant: 'acme', agentId: 'assistant' }
const clock = { now: () => Date.parse('2026-11-21T10:00:00Z') }

async function withAgent(agent: Agent = anAgent({ description: 'Old', domain: 'loans' })) {
  const agents = memoryAgentStore()
  await agents.create(KEY.tenant, agent)
  const patch = (body: Record<string, unknown>, options = {}) =>
    patchAgent({ agents, clock }, { ...KEY, agentId: agent.agentId }, body, options)
  return { agents, patch }
}

it('merges, takes away what is null, and counts versions', async () => {
  const { agents, patch } = await withAgent()

  const { before, agent } = await patch({ description: null, llm: { temperature: 0.5 }, domain: 'claims' })

  expect(before).toMatchObject({ description: 'Old', version: 1 })
  expect(agent).toMatchObject({ domain: 'claims', llm: { provider: 'scripted', model: 'scripted-1', temperature: 0.5 } })
  expect(agent).toMatchObject({ version: 2, revision: 2, status: 'running', updatedAt: '2026-11-21T10:00:00.000Z' })
  expect(agent).not.toHaveProperty('description')
  expect(await agents.get('acme', 'assistant')).toEqual(agent)
})

it('gives defaults back in the place of what is taken away', async () => {
  const { patch } = await withAgent(anAgent({ maxConcurrency: 3 }))

  expect((await patch({ maxConcurrency: null, topics: null })).agent).toMatchObject({ maxConcurrency: 10, topics: [] })
})

it('that changes nothing leaves the version alone', async () => {
  const { patch } = await withAgent()

  expect((await patch({})).agent).toMatchObject({ version: 1, revision: 1 })
  expect((await patch({ description: 'Old', persona: null })).agent).toMatchObject({ version: 1 })
})

describe('refuses', () => {
  it.each([
    ['a field of the state', { status: 'paused' }],
    ['the id', { agentId: 'other' }],
    ['another kind', { kind: 'function' }],
    ['an unknown field', { tenant: 'globex' }],
    ['what a definition must have', { name: null }],
    ['the model', { llm: null }],
    ['a wrong value', { maxConcurrency: 1_000 }],
    ['a filter of a topic that goes', { topics: ['other'], filters: { questions: { type: ['x'] } } }],
  ])('%s', async (_what, body) => {
    const { agents, patch } = await withAgent()

    await expect(patch(body)).rejects.toMatchObject({ code: 'validation_error' })
    expect(await agents.get('acme', 'assistant')).toMatchObject({ version: 1 })
  })

  it('another version than the one that is meant', async () => {
    const { patch } = await withAgent(anAgent({ version: 3 }))

    await expect(patch({ name: 'New', version: 2 })).rejects.toMatchObject({ code: 'conflict' })
    await expect(patch({ name: 'New' }, { isMeant: (version: number) => version === 2 })).rejects.toMatchObject({
      code: 'precondition_failed',
      status: 412,
    })
    expect((await patch({ name: 'New', version: 3 })).agent).toMatchObject({ version: 4 })
  })

  it('agents in code, and those that are not there', async () => {
    const { agents, patch } = await withAgent(aFunctionAgent())

    await expect(patch({ name: 'New' })).rejects.toMatchObject({ code: 'invalid_state' })
    await expect(patchAgent({ agents, clock }, { ...KEY, tenant: 'globex', agentId: 'triage' }, {})).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('a key', async () => {
    const { patch } = await withAgent()

    await expect(patch({ config: { password: 'hunter2' } })).rejects.toMatchObject({ code: 'secret_in_request' })
  })
})

describe('of many at once', () => {
  it('loses none', async () => {
    const { agents, patch } = await withAgent()

    await Promise.all([patch({ name: 'New' }), patch({ domain: 'claims' }), patch({ description: 'New' })])

    expect(await agents.get('acme', 'assistant')).toMatchObject({ name: 'New', domain: 'claims', description: 'New', version: 4 })
  })

  it('lets one win where each means the version it has read', async () => {
    const { patch } = await withAgent()

    const results = await Promise.allSettled([1, 2, 3].map((n) => patch({ name: `Name ${n}`, version: 1 })))

    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected'])
  })

  it('gives up where others never stop', async () => {
    const { agents } = await withAgent()
    const restless = { ...agents, replace: async () => 'changed' as const }

    await expect(patchAgent({ agents: restless, clock }, KEY, { name: 'New' })).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('an agent with components', () => {
  const brain = { id: 'brain', type: 'model', config: { provider: 'scripted', model: 'scripted-1' } }

  it('follows them', async () => {
    const { patch } = await withAgent(anAgent({ components: [brain] }))
    const components = [{ ...brain, config: { provider: 'scripted', model: 'other' } }]

    expect((await patch({ components })).agent).toMatchObject({ llm: { model: 'other' }, components })
    await expect(patch({ llm: { provider: 'scripted', model: 'third' } })).rejects.toMatchObject({ code: 'validation_error' })
  })

  it('can be given its model by name instead', async () => {
    const { patch } = await withAgent(anAgent({ components: [brain] }))

    expect((await patch({ components: null, llm: { provider: 'scripted', model: 'mine' } })).agent).toMatchObject({
      llm: { model: 'mine' },
    })
  })
})
