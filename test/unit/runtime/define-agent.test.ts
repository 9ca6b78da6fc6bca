import { describe, expect, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import type { AgentDefinition } from '#shared/runtime/agent-definition.ts'
import { declarationOf, defineAgent } from '#shared/runtime/define-agent.ts'
import { findWork } from '#shared/runtime/find-work.ts'

const handle = async () => undefined

describe('defineAgent', () => {
  it('gives each handler the type of its schema', () => {
    const agent = defineAgent({
      id: 'typed',
      input: z.object({ subject: z.string() }),
      async handle(ticket) {
        expectTypeOf(ticket).toEqualTypeOf<{ subject: string }>()
      },
      tasks: {
        add: {
          input: z.object({ numbers: z.array(z.number()) }),
          handle({ numbers }) {
            expectTypeOf(numbers).toEqualTypeOf<number[]>()
          },
        },
      },
      events: { opened: { input: z.string(), handle: (name) => expectTypeOf(name).toBeString() } },
    })

    expect(agent.id).toBe('typed')
  })

  it('says to the registry what it is, with the defaults of every agent', () => {
    const agent = defineAgent({ id: 'support', topics: ['tickets', 'tickets'], filters: { tickets: { type: ['open'] } }, handle })

    expect(declarationOf(agent)).toEqual({
      agentId: 'support',
      name: 'support',
      topics: ['tickets'],
      filters: { tickets: { type: ['open'] } },
      maxConcurrency: 10,
      maxQueue: 10_000,
    })
  })

  it('names the types of its work when it does no other', () => {
    const work = { input: z.string(), handle }

    expect(declarationOf(defineAgent({ id: 'a', tasks: { add: work }, events: { opened: work } })).taskTypes).toEqual([
      'add',
      'opened',
    ])
    expect(declarationOf(defineAgent({ id: 'a', tasks: { add: work }, handle })).taskTypes).toBeUndefined()
  })

  it('keeps all that the registry knows of any agent', () => {
    const said = {
      description: 'Finds out',
      agentType: 'business-analyst',
      implementation: 'anthropic',
      serviceName: 'analysis',
      domain: 'underwriting',
      capabilities: ['risk'],
      taskTypes: ['analyze'],
      endpoints: [{ path: '/analyze', taskType: 'analyze' }],
      access: { roles: ['underwriter'] },
      deploymentId: 'd-1',
      config: { depth: 3 },
    }

    expect(declarationOf(defineAgent({ id: 'a', handle, ...said }))).toMatchObject(said)
  })

  it('does no work but that of the types it names', () => {
    const agent = defineAgent({ id: 'a', taskTypes: ['analyze'], tasks: { add: { input: z.string(), handle } }, handle })

    expect(declarationOf(agent).taskTypes).toEqual(['add', 'analyze'])
    expect(findWork(agent, 'analyze').handle).toBe(handle)
    expect(() => findWork(agent, 'other')).toThrow(expect.objectContaining({ code: 'unsupported_task_type' }))
  })

  it.each<[string, AgentDefinition]>([
    ['taskTypes', { id: 'a', tasks: { add: { input: z.string(), handle } }, taskTypes: ['other'] }],
    ['endpoints', { id: 'a', taskTypes: ['b'], endpoints: [{ path: '/a', taskType: 'a' }], handle }],
    ['access.triggers', { id: 'a', topics: ['t'], access: { triggers: ['request'] }, handle }],
    ['config.password', { id: 'a', config: { password: 'hunter2' }, handle }],
    ['neither "handle" nor "tasks" nor "events"', { id: 'a' }],
    ['agentId', { id: 'not an id', handle }],
    ['topics', { id: 'a', topics: ['not a topic'], handle }],
    ['filters', { id: 'a', topics: ['t'], filters: { t: { type: [] } }, handle }],
    ['does not subscribe', { id: 'a', topics: ['t'], filters: { u: { type: ['x'] } }, handle }],
    ['maxConcurrency', { id: 'a', maxConcurrency: 1_000, handle }],
    ['timeoutSeconds', { id: 'a', timeoutSeconds: 0, handle }],
    ['llm', { id: 'a', llm: { provider: 'openai', model: '' }, handle }],
    [
      '"add" is both a task and an event',
      { id: 'a', tasks: { add: { input: z.string(), handle } }, events: { add: { input: z.string(), handle } } },
    ],
  ])('refuses when it is loaded: %s', (what, definition) => {
    expect(() => defineAgent(definition)).toThrow(what)
  })
})
