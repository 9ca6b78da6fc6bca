import { describe, expect, it } from 'vitest'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { type Declaration, registerDeclaredAgent } from '#shared/agents/register-declared-agent.ts'
import { anAgent } from '../../helpers/executions.ts'

const clock = { now: () => Date.parse('2026-11-21T09:30:00.000Z') }

const aDeclaration = (overrides: Partial<Declaration> = {}): Declaration => ({
  agentId: 'support',
  name: 'Support',
  topics: ['tickets'],
  maxConcurrency: 10,
  maxQueue: 10_000,
  ...overrides,
})

function registry() {
  const agents = memoryAgentStore()
  const register = (declaration: Declaration, deployment: string) =>
    registerDeclaredAgent({ agents, clock }, 'acme', declaration, deployment)
  return { agents, register, agent: () => agents.get('acme', 'support') }
}

describe('registerDeclaredAgent', () => {
  it('makes a new agent run at once, with a queue of its own', async () => {
    const { agents, register, agent } = registry()

    expect(await register(aDeclaration({ taskTypes: ['triage'] }), 'build-1')).toBe('created')

    expect(await agent()).toMatchObject({ kind: 'function', status: 'running', deployment: 'build-1', taskTypes: ['triage'] })
    expect(await agents.subscribersOf('acme', 'tickets')).toEqual([{ agentId: 'support', worker: 'support' }])
  })

  it('changes nothing for the same build', async () => {
    const { register, agent } = registry()
    await register(aDeclaration(), 'build-1')
    const before = await agent()

    expect(await register(aDeclaration({ name: 'Never deployed' }), 'build-1')).toBe('unchanged')

    expect(await agent()).toEqual(before)
  })

  it('follows a build with another definition, and keeps the status that somebody gave the agent', async () => {
    const { agents, register, agent } = registry()
    await register(aDeclaration({ description: 'gone with the next build' }), 'build-1')
    const paused = { from: ['running'], to: 'paused', open: false, at: '2026-11-21T09:31:00.000Z' } as const
    await agents.changeStatus({ tenant: 'acme', agentId: 'support' }, paused)

    expect(await register(aDeclaration({ topics: ['cases'] }), 'build-2')).toBe('replaced')

    expect(await agent()).toMatchObject({ status: 'paused', deployment: 'build-2', version: 2, topics: ['cases'] })
    expect(await agent()).not.toHaveProperty('description')
    expect(await agents.subscribersOf('acme', 'tickets')).toEqual([])
  })

  it('counts no new version when only the code has changed', async () => {
    const { register, agent } = registry()
    await register(aDeclaration(), 'build-1')

    await register(aDeclaration(), 'build-2')

    expect(await agent()).toMatchObject({ version: 1, deployment: 'build-2' })
  })

  it('tries again when somebody changed the agent meanwhile', async () => {
    const { agents, register, agent } = registry()
    await register(aDeclaration(), 'build-1')
    const { replace } = agents
    let calls = 0
    agents.replace = async (...change) => (++calls < 3 ? 'changed' : replace(...change))

    expect(await register(aDeclaration(), 'build-2')).toBe('replaced')

    expect(await agent()).toMatchObject({ deployment: 'build-2' })
    agents.replace = async () => 'changed'
    await expect(register(aDeclaration(), 'build-3')).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('never takes the id of an agent that somebody registered', async () => {
    const { agents, register, agent } = registry()
    await agents.create('acme', anAgent({ agentId: 'support' }))

    await expect(register(aDeclaration(), 'build-1')).rejects.toMatchObject({ code: 'conflict' })

    expect(await agent()).toMatchObject({ kind: 'llm' })
  })
})
