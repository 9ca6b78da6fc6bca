import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import type { AgentStore, StatusChange } from '#shared/agents/agent-store.ts'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { gateItem, gateKey, toGate } from '#shared/agents/dynamo-gate-item.ts'
import type { AgentKey, Gate } from '#shared/agents/gate.ts'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { memoryGates } from '#shared/agents/memory-gates.ts'
import { attributeUpdate } from '#shared/platform/dynamo-update.ts'
import { newId } from '#shared/platform/ids.ts'
import type { FunctionAgent, LlmAgent } from '#shared/protocol/agent.ts'
import { MAX_AGENT_CAPABILITIES, MAX_AGENT_TOPICS } from '#shared/protocol/agent.ts'
import { type DynamoBackend, dynamoBackends } from '../../helpers/dynamo.ts'
import { anAgent } from '../../helpers/executions.ts'

type Backend = {
  name: string
  agents: AgentStore
  gate(key: AgentKey): Promise<Gate | undefined>
  /** Changes a gate as admission does. */
  use(key: AgentKey, change: Partial<Pick<Gate, 'active' | 'waiting'>>): Promise<void>
}

function inMemory(): Backend {
  const gates = memoryGates()
  return {
    name: 'memory',
    agents: memoryAgentStore(gates),
    async gate(key) {
      const standing = gates.find(key)
      if (!standing) return undefined
      const { agent: _agent, dueAt: _dueAt, ...gate } = standing
      return gate
    },
    async use(key, change) {
      Object.assign(gates.find(key) ?? {}, change)
    },
  }
}

function onDynamo({ name, client, tables }: DynamoBackend): Backend {
  const TableName = tables.registry
  const gate = async (key: AgentKey): Promise<Gate | undefined> =>
    toGate((await client.send(new GetCommand({ TableName, Key: gateKey(key), ConsistentRead: true }))).Item)
  return {
    name,
    agents: dynamoAgentStore(client, TableName),
    gate,
    async use(key, change) {
      const standing = await gate(key)
      if (!standing) throw new Error('there is no gate')
      const { waiting, active } = gateItem({ ...standing, ...change })
      await client.send(new UpdateCommand({ TableName, Key: gateKey(key), ...attributeUpdate({ waiting, active }) }))
    },
  }
}

const NOW = Date.parse('2026-11-21T09:30:00Z')
const AT = '2026-11-21T09:31:00.000Z'

const agentOf = (agentId: string, overrides: Partial<LlmAgent> = {}): LlmAgent =>
  anAgent({ agentId, name: `Agent ${agentId}`, topics: [], prompts: { system: 'Be brief.' }, ...overrides })

const pause = (overrides: Partial<StatusChange> = {}): StatusChange => ({
  from: ['running'],
  to: 'paused',
  open: false,
  at: AT,
  ...overrides,
})

describe.each([inMemory(), ...dynamoBackends().map(onDynamo)])('AgentStore on $name', ({ agents, gate, use }) => {
  const idsOf = async (tenant: string, topic: string): Promise<string[]> =>
    (await agents.subscribersOf(tenant, topic)).map(({ agentId }) => agentId)
  const isDue = async (key: AgentKey, now: number): Promise<boolean> =>
    (await agents.listDue(now, 10_000)).some(({ tenant, agentId }) => tenant === key.tenant && agentId === key.agentId)

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
    expect(await idsOf(tenant, 'reviews')).toEqual([])
  })

  it('lets one of many creations at once win', async () => {
    const tenant = newId()

    const results = await Promise.all(
      Array.from({ length: 5 }, () => agents.create(tenant, agentOf('writer', { topics: ['drafts'] }))),
    )

    expect(results.toSorted()).toEqual(['created', 'exists', 'exists', 'exists', 'exists'])
    expect(await idsOf(tenant, 'drafts')).toEqual(['writer'])
  })

  it('takes as many topics and capabilities as the protocol allows, and other ones in their place', async () => {
    const tenant = newId()
    const topics = Array.from({ length: MAX_AGENT_TOPICS }, (_, index) => `topic-${index}`)
    const capabilities = Array.from({ length: MAX_AGENT_CAPABILITIES }, (_, index) => `skill-${index}`)
    const full = agentOf('writer', { topics, capabilities, domain: 'old' })

    expect(await agents.create(tenant, full)).toBe('created')

    expect(await idsOf(tenant, `topic-${MAX_AGENT_TOPICS - 1}`)).toEqual(['writer'])
    const others = topics.map((topic) => `other-${topic}`)
    const changed = agentOf('writer', {
      topics: others,
      capabilities: capabilities.map((name) => `new-${name}`),
      domain: 'new',
      revision: 2,
    })
    expect(await agents.replace(tenant, changed)).toBe('replaced')
    expect(await idsOf(tenant, `topic-${MAX_AGENT_TOPICS - 1}`)).toEqual([])
    expect(await idsOf(tenant, `other-topic-${MAX_AGENT_TOPICS - 1}`)).toEqual(['writer'])
  })

  it('names every subscriber of a topic, of this tenant only', async () => {
    const [tenant, other] = [newId(), newId()]
    await agents.create(tenant, agentOf('b', { topics: ['drafts', 'reviews'] }))
    await agents.create(tenant, agentOf('a', { topics: ['drafts'] }))
    await agents.create(other, agentOf('c', { topics: ['drafts'] }))

    expect(await idsOf(tenant, 'drafts')).toEqual(['a', 'b'])
    expect(await idsOf(tenant, 'draft')).toEqual([])
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

  it('tells what an agent wants of a topic, and whose queue takes it', async () => {
    const tenant = newId()
    const filter = { type: ['draft.ready', { prefix: 'urgent' }] }
    const { llm, prompts, ...common } = agentOf('coder', { topics: ['drafts'] })
    const coder: FunctionAgent = { ...common, kind: 'function', deployment: 'd-1' }
    await agents.create(tenant, coder)
    await agents.create(tenant, agentOf('reader', { topics: ['drafts', 'reviews'], filters: { drafts: filter } }))

    expect(await agents.subscribersOf(tenant, 'drafts')).toEqual([
      { agentId: 'coder', worker: 'coder' },
      { agentId: 'reader', filter },
    ])
    expect(await agents.subscribersOf(tenant, 'reviews')).toEqual([{ agentId: 'reader' }])
  })

  it('opens the gate of an agent that runs, and of no other', async () => {
    const tenant = newId()
    await agents.create(tenant, agentOf('on', { maxConcurrency: 3, maxQueue: 7 }))
    await agents.create(tenant, agentOf('off', { status: 'created' }))

    expect(await gate({ tenant, agentId: 'on' })).toEqual({ open: true, limit: 3, queueLimit: 7, waiting: 0, active: [] })
    expect(await gate({ tenant, agentId: 'off' })).toMatchObject({ open: false })
    expect(await isDue({ tenant, agentId: 'on' }, NOW + 1)).toBe(true)
    expect(await isDue({ tenant, agentId: 'off' }, Number.MAX_SAFE_INTEGER)).toBe(false)
  })

  describe('changeStatus', () => {
    it('changes status and gate, and nothing else', async () => {
      const key = { tenant: newId(), agentId: 'writer' }
      const agent = agentOf('writer', { topics: ['drafts'] })
      await agents.create(key.tenant, agent)
      await use(key, { active: ['e-1'], waiting: 2 })

      const changed = await agents.changeStatus(key, pause())

      const paused = { ...agent, status: 'paused', revision: 2, updatedAt: AT }
      expect(changed).toEqual({ result: 'changed', agent: paused })
      expect(await agents.get(key.tenant, 'writer')).toEqual(paused)
      expect(await gate(key)).toMatchObject({ open: false, active: ['e-1'], waiting: 2, limit: 10 })
      expect(await gate(key)).not.toHaveProperty('cancelledThrough')
      expect(await isDue(key, Number.MAX_SAFE_INTEGER)).toBe(false)
    })

    it('says where it leads, until the next change', async () => {
      const key = { tenant: newId(), agentId: 'writer' }
      await agents.create(key.tenant, agentOf('writer'))
      const stop = pause({ to: 'stopping', desiredStatus: 'stopped', stopPolicy: 'cancel', dueAt: NOW })
      const reason = { code: 'internal' as const, detail: 'no luck' }

      const stopping = await agents.changeStatus(key, stop)
      expect(stopping).toMatchObject({ agent: { desiredStatus: 'stopped', stopPolicy: 'cancel' } })
      expect(await isDue(key, NOW + 1)).toBe(true)

      expect(await gate(key)).toMatchObject({ cancelledThrough: Date.parse(AT) })

      await agents.changeStatus(key, { from: ['stopping'], to: 'failed', open: false, at: AT, reason })
      const failed = await agents.get(key.tenant, 'writer')
      expect(failed).toMatchObject({ status: 'failed', statusReason: reason, revision: 3 })
      expect(failed).not.toHaveProperty('desiredStatus')
      expect(failed).not.toHaveProperty('stopPolicy')
      expect(await gate(key)).toMatchObject({ cancelledThrough: Date.parse(AT) })
    })

    it('refuses another status, another revision, and an agent that is not there', async () => {
      const key = { tenant: newId(), agentId: 'writer' }
      const agent = agentOf('writer')
      await agents.create(key.tenant, agent)

      expect(await agents.changeStatus(key, pause({ from: ['paused', 'stopped'] }))).toEqual({ result: 'refused', agent })
      expect(await agents.changeStatus(key, pause({ revision: 2 }))).toEqual({ result: 'refused', agent })
      expect(await agents.changeStatus({ ...key, tenant: newId() }, pause())).toEqual({ result: 'missing' })
      expect(await gate(key)).toMatchObject({ open: true })
    })

    it('lets exactly one of many at once win', async () => {
      const key = { tenant: newId(), agentId: 'writer' }
      await agents.create(key.tenant, agentOf('writer'))
      const stop = pause({ to: 'stopping', desiredStatus: 'stopped' })

      const results = await Promise.all([pause(), stop, pause(), stop].map((change) => agents.changeStatus(key, change)))

      expect(results.map(({ result }) => result).toSorted()).toEqual(['changed', 'refused', 'refused', 'refused'])
      expect(await agents.get(key.tenant, 'writer')).toMatchObject({ revision: 2 })
    })
  })

  describe('replace', () => {
    it('replaces the definition and leaves the state alone', async () => {
      const key = { tenant: newId(), agentId: 'writer' }
      const old = agentOf('writer', { description: 'Old', topics: ['drafts', 'reviews'], timeoutSeconds: 60 })
      await agents.create(key.tenant, old)
      await agents.changeStatus(key, pause())
      await agents.setHealth(key, { health: 'healthy', detail: 'well', at: AT })
      const changes = { name: 'New', topics: ['reviews', 'news'], maxConcurrency: 2, maxQueue: 5, version: 2 }
      const next = agentOf('writer', { ...changes, revision: 3, status: 'running', createdAt: AT })

      expect(await agents.replace(key.tenant, next)).toBe('replaced')

      const state = { status: 'paused', health: 'healthy', healthDetail: 'well', healthCheckedAt: AT, createdAt: old.createdAt }
      expect(await agents.get(key.tenant, 'writer')).toEqual({ ...next, ...state })
      expect(await gate(key)).toMatchObject({ open: false, limit: 2, queueLimit: 5 })
      expect(await idsOf(key.tenant, 'drafts')).toEqual([])
      expect(await idsOf(key.tenant, 'news')).toEqual(['writer'])
    })

    it('changes nothing when somebody else was first', async () => {
      const tenant = newId()
      await agents.create(tenant, agentOf('writer', { topics: ['drafts'] }))
      await agents.changeStatus({ tenant, agentId: 'writer' }, pause())

      expect(await agents.replace(tenant, agentOf('writer', { topics: ['news'], revision: 2 }))).toBe('changed')
      expect(await agents.replace(tenant, agentOf('nobody', { revision: 2 }))).toBe('changed')

      expect(await idsOf(tenant, 'drafts')).toEqual(['writer'])
      expect(await idsOf(tenant, 'news')).toEqual([])
    })
  })

  describe('remove', () => {
    it('takes agent, gate and subscriptions away, and frees the id', async () => {
      const key = { tenant: newId(), agentId: 'writer' }
      await agents.create(key.tenant, agentOf('writer', { topics: ['drafts'] }))

      expect(await agents.remove(key)).toBe('removed')

      expect(await agents.get(key.tenant, 'writer')).toBeUndefined()
      expect(await gate(key)).toBeUndefined()
      expect(await idsOf(key.tenant, 'drafts')).toEqual([])
      expect(await agents.remove(key)).toBe('missing')
      expect(await agents.create(key.tenant, agentOf('writer'))).toBe('created')
    })

    it.each([[{ active: ['e-1'] }], [{ waiting: 1 }]])('leaves an agent alone whose gate has %j', async (change) => {
      const key = { tenant: newId(), agentId: 'writer' }
      await agents.create(key.tenant, agentOf('writer', { topics: ['drafts'] }))
      await use(key, change)

      expect(await agents.remove(key)).toBe('busy')
      expect(await idsOf(key.tenant, 'drafts')).toEqual(['writer'])

      await use(key, { active: [], waiting: 0 })
      expect(await agents.remove(key)).toBe('removed')
    })
  })

  it('keeps the outcome of a health check, and makes no agent of it', async () => {
    const key = { tenant: newId(), agentId: 'writer' }
    const agent = agentOf('writer')
    await agents.create(key.tenant, agent)

    await agents.setHealth(key, { health: 'unhealthy', detail: 'no key', at: AT })
    await agents.setHealth({ ...key, agentId: 'nobody' }, { health: 'healthy', detail: '', at: AT })

    const health = { health: 'unhealthy', healthDetail: 'no key', healthCheckedAt: AT }
    expect(await agents.get(key.tenant, 'writer')).toEqual({ ...agent, ...health })
    expect(await agents.get(key.tenant, 'nobody')).toBeUndefined()
  })

  describe('postpone', () => {
    it('puts the next look off, or ends it', async () => {
      const key = { tenant: newId(), agentId: 'writer' }
      await agents.create(key.tenant, agentOf('writer'))

      await agents.postpone(key, { seenAt: NOW, dueAt: NOW + 60_000 })
      expect(await isDue(key, NOW + 60_000)).toBe(false)
      expect(await isDue(key, NOW + 60_001)).toBe(true)

      await agents.postpone(key, { seenAt: NOW + 60_000 })
      expect(await isDue(key, Number.MAX_SAFE_INTEGER)).toBe(false)
    })

    it('does not undo what was made due meanwhile', async () => {
      const key = { tenant: newId(), agentId: 'writer' }
      await agents.create(key.tenant, agentOf('writer'))
      await agents.changeStatus(key, pause({ dueAt: NOW + 10 }))

      await agents.postpone(key, { seenAt: NOW })

      expect(await isDue(key, NOW + 11)).toBe(true)
    })

    it('makes no gate of an agent that is gone', async () => {
      const key = { tenant: newId(), agentId: 'nobody' }

      await agents.postpone(key, { seenAt: NOW, dueAt: NOW })

      expect(await gate(key)).toBeUndefined()
      expect(await isDue(key, Number.MAX_SAFE_INTEGER)).toBe(false)
    })
  })
})
