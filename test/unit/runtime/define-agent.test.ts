import { describe, expect, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import type { AgentDefinition } from '#shared/runtime/agent-definition.ts'
import { declarationOf, defineAgent } from '#shared/runtime/define-agent.ts'

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

  it.each<[string, AgentDefinition]>([
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
