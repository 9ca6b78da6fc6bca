import { describe, expect, it } from 'vitest'
import type { SluiceError } from '#shared/platform/errors.ts'
import { compileJsonSchema } from '#shared/platform/json-schema.ts'

/** The error that something throws; the test fails when it throws none. */
function refusalOf(act: () => unknown): SluiceError {
  try {
    act()
  } catch (error) {
    return error as SluiceError
  }
  throw new Error('nothing was refused')
}

const ticket = {
  type: 'object',
  required: ['subject', 'priority'],
  properties: {
    subject: { type: 'string', minLength: 3 },
    priority: { enum: ['low', 'medium', 'high'] },
    lines: { type: 'array', items: { type: 'object', properties: { 'amount/€': { type: 'number', minimum: 0 } } } },
    contact: { anyOf: [{ type: 'string', format: 'email' }, { $ref: '#/$defs/phone' }] },
  },
  additionalProperties: false,
  $defs: { phone: { type: 'string', pattern: '^\\+[0-9]{6,15}$' } },
}

describe('a check out of a JSON Schema', () => {
  it.each([
    ['all fields', { subject: 'Pump', priority: 'high', lines: [{ 'amount/€': 3 }], contact: '+49301234567' }],
    ['the least', { subject: 'Pump', priority: 'low' }],
    ['the other form', { subject: 'Pump', priority: 'low', contact: 'ada@example.com' }],
  ])('lets %s pass', (_what, data) => {
    expect(() => compileJsonSchema(ticket)(data)).not.toThrow()
  })

  it.each<[string, unknown, string]>([
    ['another type', 'a text', 'data'],
    ['what is missing', { subject: 'Pump' }, 'data'],
    ['what is too short', { subject: 'P', priority: 'low' }, 'data.subject'],
    ['an unknown value', { subject: 'Pump', priority: 'urgent' }, 'data.priority'],
    ['a field too many', { subject: 'Pump', priority: 'low', colour: 'red' }, 'data.colour'],
    ['a field deep inside', { subject: 'Pump', priority: 'low', lines: [{ 'amount/€': -1 }] }, 'data.lines.0.amount/€'],
    ['none of two forms', { subject: 'Pump', priority: 'low', contact: 'nobody' }, 'data.contact'],
  ])('refuses %s, and says where', (_what, data, path) => {
    const error = refusalOf(() => compileJsonSchema(ticket)(data))

    expect(error).toMatchObject({ code: 'validation_error', message: expect.stringContaining(`"${path}"`) })
    expect(error.fields?.[0]).toEqual({ path, message: expect.stringMatching(/\w/) })
  })

  it('constrains by keywords alone, as JSON Schema says, without a "type"', () => {
    const check = compileJsonSchema({ required: ['content'] })

    expect(() => check('a text has no fields')).not.toThrow()
    expect(() => check({})).toThrow()
  })

  it('follows the draft that it names', () => {
    const tuple = { items: [{ type: 'string' }], additionalItems: false }
    const check = compileJsonSchema({ $schema: 'http://json-schema.org/draft-07/schema#', ...tuple })

    expect(() => check(['a'])).not.toThrow()
    expect(() => check(['a', 'b'])).toThrow()
  })

  it('leaves the schema as it is', () => {
    const schema = Object.freeze({ ...ticket })
    const before = JSON.stringify(schema)

    compileJsonSchema(schema)

    expect(JSON.stringify(schema)).toBe(before)
    expect(Object.getOwnPropertyNames(schema)).not.toContain('__absolute_uri__')
  })
})

describe('a schema that cannot be used', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown type', { type: 'strin' }, 'schema.type'],
    ['a keyword of another type', { type: 'object', required: 'content' }, 'schema.required'],
    [
      'a wrong keyword deep inside',
      { properties: { 'a/b': { items: { minLength: -1 } } } },
      'schema.properties.a/b.items.minLength',
    ],
    ['a pattern that is none', { properties: { a: { pattern: '(' } } }, 'schema.properties.a.pattern'],
    ['a name pattern that is none', { patternProperties: { '(': {} } }, 'schema.patternProperties.('],
    ['a pattern that is too long', { pattern: 'a'.repeat(257) }, 'schema.pattern'],
    ['an unknown draft', { $schema: 'https://example.com/mine' }, 'schema.$schema'],
    ['a reference to nothing', { $ref: '#/$defs/a' }, 'schema.$ref'],
    [
      'a reference into the network',
      { properties: { a: { $ref: 'http://169.254.169.254/latest' } } },
      'schema.properties.a.$ref',
    ],
    ['what the interpreter would ignore', { $dynamicRef: '#a' }, 'schema.$dynamicRef'],
    ['an address that is none', { $id: 'http://[' }, 'schema'],
  ])('is refused: %s', (_what, schema, path) => {
    const error = refusalOf(() => compileJsonSchema(schema))

    expect(error).toMatchObject({ code: 'validation_error' })
    expect(error.fields?.map((field) => field.path)).toContain(path)
  })
})

describe('a schema that would go on and on', () => {
  it.each<[string, Record<string, unknown>, unknown]>([
    ['nested quantifiers', { type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(60)}!`],
    ['a quantifier over a long text', { type: 'string', pattern: 'x*y' }, 'x'.repeat(400_000)],
    ['names that are matched', { patternProperties: { '^(a|a)+$': {} } }, { [`${'a'.repeat(60)}!`]: 1 }],
    ['references that multiply', doubling(40), 'a'],
    ['a reference to itself', { $ref: '#' }, 'a'],
  ])('refuses the message and holds up nobody: %s', (_what, schema, data) => {
    const check = compileJsonSchema(schema)
    const start = performance.now()

    const error = refusalOf(() => check(data))

    expect(error).toMatchObject({ code: 'validation_error', message: expect.stringContaining('checking it') })
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})

/** Each definition asks twice for the next one. */
function doubling(levels: number): Record<string, unknown> {
  const definitions = Array.from({ length: levels }, (_, level) => {
    const next = { $ref: `#/$defs/d${level + 1}` }
    return [`d${level}`, { allOf: [next, next] }]
  })
  return { $ref: '#/$defs/d0', $defs: { ...Object.fromEntries(definitions), [`d${levels}`]: { type: 'string' } } }
}
