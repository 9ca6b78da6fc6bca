import { describe, expect, it } from 'vitest'
import { isStrictSchema } from '#shared/llm/openai-strict-schema.ts'

const strict = (properties: Record<string, unknown>, rest = {}) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...rest,
})

describe('isStrictSchema', () => {
  it.each([
    ['a flat object', strict({ city: { type: 'string', description: 'where' } })],
    ['an object in an object', strict({ at: strict({ city: { type: 'string' } }) })],
    ['a list of objects', strict({ all: { type: 'array', items: strict({ city: { type: 'string' } }) } })],
    [
      'alternatives and definitions',
      strict({ a: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/b' }] } }, { $defs: { b: strict({}) } }),
    ],
    ['a type with null', strict({ city: { type: ['string', 'null'] } })],
  ])('takes %s', (_, schema) => {
    expect(isStrictSchema(schema)).toBe(true)
  })

  it.each([
    ['a property that may be missing', strict({ city: { type: 'string' } }, { required: [] })],
    ['no list of what is required', { type: 'object', properties: { city: {} }, additionalProperties: false }],
    ['other properties', strict({ city: { type: 'string' } }, { additionalProperties: { type: 'string' } })],
    ['silence about other properties', { type: 'object', properties: {}, required: [] }],
    ['properties without a type', { properties: { city: {} } }],
    ['a keyword it does not know', strict({ city: { type: 'string', pattern: '^O' } })],
    ['a loose object deep inside', strict({ all: { type: 'array', items: strict({ at: { type: 'object' } }) } })],
    ['a loose alternative', strict({ a: { anyOf: [{ type: 'object' }] } })],
    ['a loose definition', strict({ a: { $ref: '#/$defs/b' } }, { $defs: { b: { type: 'object' } } })],
    ['a list', { type: 'array', items: { type: 'string' } }],
    ['a choice of objects', { anyOf: [strict({}), strict({})] }],
    ['a boolean for a schema', strict({ a: true })],
  ])('leaves %s', (_, schema) => {
    expect(isStrictSchema(schema)).toBe(false)
  })
})
