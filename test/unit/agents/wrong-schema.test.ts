import { describe, expect, it } from 'vitest'
import { completeDefinition } from '#shared/agents/complete-definition.ts'
import { wrongSchema } from '#shared/agents/wrong-schema.ts'
import { createAgentSchema } from '#shared/protocol/agent.ts'

describe('wrongSchema', () => {
  it.each([
    ['output.schema.type', { type: 'text' }],
    ['output.schema.properties.a.$ref', { properties: { a: { $ref: 'http://169.254.169.254/latest/meta-data' } } }],
    ['output.schema.items.pattern', { items: { pattern: '(' } }],
    ['output.schema.$schema', { $schema: 'https://evil.example/draft' }],
    ['output.schema', { $defs: { a: { $id: 'x' }, b: { $id: 'x' } } }],
  ])('names %s', (path, schema) => {
    expect(wrongSchema(schema, 'output.schema')).toEqual([{ path, message: expect.any(String) }])
  })

  it('has nothing against one that can be used', () => {
    const tree = { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } } }

    expect(wrongSchema(tree, 'output.schema')).toEqual([])
  })
})

describe('a definition', () => {
  it('whose answers nothing could be checked with is refused', () => {
    const { kind: _, ...definition } = createAgentSchema.parse({
      agentId: 'researcher',
      name: 'Researcher',
      llm: { provider: 'scripted', model: 'answer' },
      output: { schema: { properties: { a: { $ref: 'https://evil.example/schema.json' } } } },
    })

    expect(() => completeDefinition(definition)).toThrow(
      expect.objectContaining({
        code: 'validation_error',
        fields: [expect.objectContaining({ path: 'output.schema.properties.a.$ref' })],
      }),
    )
  })
})
