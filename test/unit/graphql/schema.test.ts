import { buildSchema, isInputObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { readOperation } from '#shared/graphql/read-operation.ts'
import { TYPE_DEFINITIONS } from '#shared/graphql/type-definitions.ts'
import { createExecutionSchema } from '#shared/protocol/execution.ts'
import { llmOverridesSchema } from '#shared/protocol/llm.ts'

describe('the schema', () => {
  it('is valid, though it is not validated where it is used', () => {
    expect(() => buildSchema(TYPE_DEFINITIONS)).not.toThrow()
  })

  it('is what the documentation shows', async () => {
    await expect(TYPE_DEFINITIONS.trimStart()).toMatchFileSnapshot('../../../docs/schema.graphql')
  })

  it.each([
    ['CreateExecutionInput', createExecutionSchema.keyof().options],
    ['LlmOverridesInput', llmOverridesSchema.keyof().options],
  ])('takes in %s what the other doors take', (name, fields) => {
    const type = buildSchema(TYPE_DEFINITIONS).getType(name)

    expect(isInputObjectType(type) && Object.keys(type.getFields()).sort()).toEqual(fields.toSorted())
  })

  it('is what the documentation prices', () => {
    const query = '{ agents(limit: 190) { nodes { name executions(limit: 5) { nodes { status } } } } }'
    const operation = readOperation({ query })

    expect(operation).toMatchObject({
      result: 'refused',
      errors: [{ message: expect.stringContaining(`costs ${20 + 190 * 81};`) }],
    })
  })
})
