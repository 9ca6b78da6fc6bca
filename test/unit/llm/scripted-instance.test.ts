import { type Schema, Validator } from '@cfworker/json-schema'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '#shared/llm/llm-provider.ts'
import { scriptedInstance } from '#shared/llm/scripted-instance.ts'

const fits = (schema: JsonSchema, value: unknown) => new Validator(schema as Schema, '2020-12').validate(value).errors

const bounds = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(50))

const leaf: fc.Arbitrary<JsonSchema> = fc.oneof(
  fc.constant({ type: 'string' }),
  fc.constant({ type: 'boolean' }),
  fc.constant({ type: 'null' }),
  fc.constant({ type: ['integer', 'null'] }),
  fc.constantFrom('date', 'date-time', 'time', 'email', 'uri', 'uuid').map((format) => ({ type: 'string', format })),
  fc.tuple(fc.nat(20), fc.nat(20)).map(([minLength, more]) => ({ type: 'string', minLength, maxLength: minLength + more })),
  bounds.map(([minimum, more]) => ({ type: 'integer', minimum, maximum: minimum + more })),
  bounds.map(([exclusiveMinimum]) => ({ type: 'number', exclusiveMinimum })),
  bounds.map(([exclusiveMaximum]) => ({ type: 'number', exclusiveMaximum })),
  fc.integer({ min: 1, max: 7 }).map((multipleOf) => ({ type: 'integer', multipleOf, minimum: 3 })),
  fc.array(fc.string(), { minLength: 1, maxLength: 3 }).map((values) => ({ enum: values })),
  fc.jsonValue().map((value) => ({ const: value })),
)

const { schema: anySchema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('schema'), { maxKeys: 3 }).map((properties) => ({
      type: 'object',
      properties,
      required: Object.keys(properties).slice(1),
      additionalProperties: false,
    })),
    fc.tuple(tie('schema'), fc.nat(3)).map(([items, minItems]) => ({ type: 'array', items, minItems, maxItems: minItems + 1 })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((anyOf) => ({ anyOf })),
  ),
}))

describe('scriptedInstance', () => {
  it('fits its schema, the same each time', () => {
    fc.assert(
      fc.property(anySchema, fc.string(), (schema, prompt) => {
        const value = scriptedInstance(schema, prompt)

        expect(fits(schema, value)).toEqual([])
        expect(scriptedInstance(schema, prompt)).toEqual(value)
      }),
    )
  })

  it('chooses what the prompt names, or the first', () => {
    const schema = { enum: ['APPROVE', 'REJECT'] }

    expect(scriptedInstance(schema, 'Please REJECT it')).toBe('REJECT')
    expect(scriptedInstance(schema, 'Judge')).toBe('APPROVE')
  })

  it('follows references, and ends where a schema contains itself', () => {
    const node = {
      type: 'object',
      properties: { next: { $ref: '#/$defs/node' }, list: { type: 'array', items: { $ref: '#/$defs/node' } } },
    }
    const schema = { $ref: '#/$defs/node', $defs: { node } }

    expect(fits(schema, scriptedInstance(schema, ''))).toEqual([])
  })

  it('takes all parts of allOf', () => {
    const schema = {
      allOf: [
        { $ref: '#/$defs/named' },
        { type: 'object', properties: { age: { type: 'integer', minimum: 18 } }, required: ['age'] },
      ],
      $defs: { named: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } },
    }

    expect(scriptedInstance(schema, 'x')).toEqual({ name: 'name of: x', age: 18 })
  })

  it('takes an example or a default where there is one', () => {
    expect(scriptedInstance({ type: 'string', pattern: '^A-\\d$', examples: ['A-1'] }, '')).toBe('A-1')
    expect(scriptedInstance({ type: 'integer', default: 7 }, '')).toBe(7)
  })

  it.each([{ $ref: '#/$defs/missing' }, { $ref: 'https://example.com/schema' }, {}])('says something for %j', (schema) => {
    expect(scriptedInstance(schema, 'x')).toBe('answer of: x')
  })
})
