import { describe, expect, it } from 'vitest'
import { completeDefinition } from '#shared/agents/complete-definition.ts'
import { type AgentDefinition, createAgentSchema } from '#shared/protocol/agent.ts'

const llm = { provider: 'scripted', model: 'm' } as const

function complete(definition: Partial<AgentDefinition>) {
  const { agentId: _, autoStart: __, kind: ___, ...given } = createAgentSchema.parse({ name: 'Writer', ...definition })
  return completeDefinition(given)
}

const model = { id: 'brain', type: 'model', config: llm }
const prompt = { id: 'voice', type: 'prompt', config: { system: 'Be brief.' } }

describe('components', () => {
  it('become the model and the prompts', () => {
    const connections = [{ from: 'voice', to: 'brain' }]

    expect(complete({ components: [prompt, model], connections })).toMatchObject({
      llm,
      prompts: { system: 'Be brief.' },
      components: [prompt, model],
      connections,
    })
  })

  it.each<[string, Partial<AgentDefinition>, string, string]>([
    ['that do not run', { llm, components: [{ id: 'm', type: 'sensor' }] }, 'unsupported', 'components.0.type'],
    [
      'of a type that every object knows',
      { llm, components: [{ id: 'm', type: 'toString' }] },
      'unsupported',
      'components.0.type',
    ],
    ['beside the same in the definition', { llm, components: [model] }, 'validation_error', 'llm'],
    ['beside other prompts', { llm, prompts: { system: 'x' }, components: [prompt] }, 'validation_error', 'prompts'],
    ['twice', { components: [model, { ...model, id: 'other' }] }, 'validation_error', 'components.1'],
    ['under one id', { components: [model, { ...prompt, id: 'brain' }] }, 'validation_error', 'components.1.id'],
    ['with a wrong config', { components: [{ ...model, config: { provider: 'scripted' } }] }, 'validation_error', 'model'],
    [
      'wired to nothing',
      { components: [model], connections: [{ from: 'brain', to: 'x' }] },
      'validation_error',
      'connections.0.to',
    ],
  ])('%s are refused', (_what, definition, code, path) => {
    expect(() => complete(definition)).toThrow(expect.objectContaining({ code, fields: [expect.objectContaining({ path })] }))
  })

  it('are told which types there are', () => {
    expect(() => complete({ llm, components: [{ id: 'm', type: 'sensor' }] })).toThrow(
      'components of the type "sensor" do not run here; those that do: model, prompt, tool, memory, output',
    )
  })
})

const clock = { type: 'builtin', name: 'current_time' } as const
const team = { mode: 'router', agents: ['a', 'b'] } as const

it('makes tools, memory and output of components, in their order', () => {
  const components = [
    model,
    { id: 'clock', type: 'tool', config: clock },
    { id: 'notes', type: 'tool', config: { type: 'builtin', name: 'recall' } },
    { id: 'past', type: 'memory', config: { windowTokens: 100 } },
    { id: 'form', type: 'output', config: { schema: { type: 'object' } } },
  ]

  expect(complete({ components })).toMatchObject({
    tools: [clock, { type: 'builtin', name: 'recall' }],
    memory: { windowTokens: 100 },
    output: { schema: { type: 'object' } },
  })
})

it.each(['direct', 'react', 'reflection', 'plan_and_execute'] as const)('runs the pattern %s', (reasoningPattern) => {
  expect(complete({ llm, reasoningPattern })).toMatchObject({ reasoningPattern })
})

it.each<[string, Partial<AgentDefinition>]>([
  ['multi_agent, with a team', { reasoningPattern: 'multi_agent', team: { ...team, agents: ['a', 'b'] } }],
  ['a team alone', { team: { ...team, agents: ['a', 'b'] } }],
  ['tools alone', { tools: [clock] }],
  ['reflection with tools', { reasoningPattern: 'reflection', tools: [clock] }],
])('runs %s', (_what, definition) => {
  expect(complete({ llm, ...definition })).toMatchObject(definition)
})

it.each<[string, Partial<AgentDefinition>, string]>([
  ['tools that nobody calls', { reasoningPattern: 'direct', tools: [clock] }, 'reasoningPattern'],
  ['tools of a team', { team: { ...team, agents: ['a'] }, tools: [clock] }, 'tools'],
  [
    'tools of a component that nobody calls',
    { reasoningPattern: 'direct', components: [{ id: 't', type: 'tool', config: clock }] },
    'reasoningPattern',
  ],
  ['a team that is missing', { reasoningPattern: 'multi_agent' }, 'team'],
  ['a team that nobody asks', { reasoningPattern: 'react', team: { ...team, agents: ['a'] } }, 'reasoningPattern'],
  ['one tool twice', { tools: [clock, clock] }, 'tools.1.name'],
  ['one agent twice', { team: { ...team, agents: ['a', 'a'] } }, 'team.agents.1'],
  ['tools beside tools of components', { tools: [clock], components: [{ id: 't', type: 'tool', config: clock }] }, 'tools'],
])('refuses %s', (_what, definition, path) => {
  expect(() => complete({ llm, ...definition })).toThrow(
    expect.objectContaining({ code: 'validation_error', fields: [expect.objectContaining({ path })] }),
  )
})

it('asks for a model', () => {
  expect(() => complete({})).toThrow(expect.objectContaining({ fields: [{ path: 'llm', message: 'is missing' }] }))
})

describe('refuses', () => {
  const endpoint = { path: '/analyze', taskType: 'analyze' }

  it.each<[string, Partial<AgentDefinition>, string]>([
    ['topics without their trigger', { topics: ['drafts'], access: { triggers: ['request'] } }, 'access.triggers'],
    ['a filter of a foreign topic', { filters: { drafts: { type: ['x'] } } }, 'filters.drafts'],
    ['one path twice', { endpoints: [endpoint, { ...endpoint, path: '/Analyze' }] }, 'endpoints.1.path'],
    ['a path for work that it does not know', { endpoints: [endpoint], taskTypes: ['sum'] }, 'endpoints.0.taskType'],
  ])('%s', (_what, definition, path) => {
    expect(() => complete({ llm, ...definition })).toThrow(
      expect.objectContaining({ code: 'validation_error', fields: [expect.objectContaining({ path })] }),
    )
  })

  it('everything at once', () => {
    const wrong = { filters: { a: { type: ['x'] } }, endpoints: [endpoint], taskTypes: [] }

    expect(() => complete({ llm, ...wrong })).toThrow(expect.objectContaining({ fields: [expect.anything(), expect.anything()] }))
  })
})
