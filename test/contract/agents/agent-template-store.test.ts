import { describe, expect, it } from 'vitest'
import type { AgentTemplateStore } from '#shared/agents/agent-template-store.ts'
import { dynamoAgentTemplateStore } from '#shared/agents/dynamo-agent-template-store.ts'
import { memoryAgentTemplateStore } from '#shared/agents/memory-agent-template-store.ts'
import { newId } from '#shared/platform/ids.ts'
import type { AgentTemplate } from '#shared/protocol/agent-template.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const templateOf = (name: string, overrides: Partial<AgentTemplate> = {}): AgentTemplate => ({
  name,
  description: 'Writers',
  definition: { name: 'Writer', config: { '': 1e300, nothing: null } },
  createdAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:00.000Z',
  ...overrides,
})

const backends: { name: string; templates: AgentTemplateStore }[] = [
  { name: 'memory', templates: memoryAgentTemplateStore() },
  ...dynamoBackends().map(({ name, client, tables }) => ({ name, templates: dynamoAgentTemplateStore(client, tables.registry) })),
]

describe.each(backends)('AgentTemplateStore on $name', ({ templates }) => {
  it('gives back what it was given', async () => {
    const tenant = newId()

    expect(await templates.put(tenant, templateOf('writers'))).toEqual(templateOf('writers'))

    expect(await templates.get(tenant, 'writers')).toEqual(templateOf('writers'))
    expect(await templates.get(tenant, 'readers')).toBeUndefined()
    expect(await templates.get(newId(), 'writers')).toBeUndefined()
  })

  it('replaces all but the time of its making', async () => {
    const tenant = newId()
    await templates.put(tenant, templateOf('writers'))
    const at = '2026-11-22T00:00:00.000Z'
    const { description: _, ...later } = templateOf('writers', { definition: {}, createdAt: at, updatedAt: at })

    const replaced = { ...later, createdAt: '2026-11-21T09:30:00.000Z' }
    expect(await templates.put(tenant, later)).toEqual(replaced)
    expect(await templates.get(tenant, 'writers')).toEqual(replaced)
  })

  it('lists page by page, each tenant its own', async () => {
    const [tenant, other] = [newId(), newId()]
    for (const name of ['c', 'a', 'b']) await templates.put(tenant, templateOf(name))
    await templates.put(other, templateOf('z'))

    const first = await templates.list(tenant, { limit: 2 })
    const second = await templates.list(tenant, { limit: 2, after: first.next })
    const foreign = await templates.list(other, { limit: 2, after: first.next })

    expect(first.templates.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(second).toEqual({ templates: [templateOf('c')] })
    expect(foreign.templates.map(({ name }) => name)).toEqual(['z'])
    await expect(templates.list(tenant, { limit: 1, after: 'nonsense!' })).rejects.toMatchObject({ code: 'validation_error' })
  })

  it('removes once', async () => {
    const tenant = newId()
    await templates.put(tenant, templateOf('writers'))

    expect(await templates.remove(newId(), 'writers')).toBe('missing')
    expect(await templates.remove(tenant, 'writers')).toBe('removed')
    expect(await templates.remove(tenant, 'writers')).toBe('missing')
  })
})
