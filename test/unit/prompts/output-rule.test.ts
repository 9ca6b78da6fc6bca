import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonInText } from '#shared/prompts/json-in-text.ts'
import { checkOutput, MAX_SCHEMA_BYTES, outputRule } from '#shared/prompts/output-rule.ts'

const schema = {
  type: 'object',
  properties: { assessment: { enum: ['APPROVE', 'REJECT'] }, confidence: { type: 'integer', minimum: 1, maximum: 10 } },
  required: ['assessment', 'confidence'],
  additionalProperties: false,
}
const GOOD = { assessment: 'APPROVE', confidence: 8 }

describe('jsonInText', () => {
  it.each([
    ['alone', (json: string) => json],
    ['in a fence', (json: string) => `Here it is:\n\`\`\`json\n${json}\n\`\`\`\nDone.`],
    ['in a fence without a language', (json: string) => `\`\`\`\n${json}\n\`\`\``],
    ['in the second fence', (json: string) => `\`\`\`js\nconst a = 1\n\`\`\` and \`\`\`json\n${json}\n\`\`\``],
    ['in words', (json: string) => `My answer is ${json}, as you wished.`],
    ['behind other braces', (json: string) => `For {x} in [a, b]: ${json}`],
  ])('is found %s', (_, around) => {
    const values = fc.oneof(
      fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }),
      fc.array(fc.jsonValue(), { minLength: 1 }),
    )
    fc.assert(
      fc.property(values, (value) => {
        const json = JSON.stringify(value)
        // What looks like a fence ends one.
        fc.pre(!json.includes('```'))
        expect(jsonInText(around(json))).toEqual({ value: JSON.parse(json) })
      }),
    )
  })

  it.each(['', 'No.', '{"a": ', '```json\n{"a"\n```', '{{{{[[[['])('is not found in %j', (text) => {
    expect(jsonInText(text)).toBeUndefined()
  })

  it('gives up soon on a long text of brackets', () => {
    const began = performance.now()
    expect(jsonInText('[{"a":'.repeat(50_000))).toBeUndefined()
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})

describe('outputRule', () => {
  it('takes an answer that fits', () => {
    expect(checkOutput(`\`\`\`json\n${JSON.stringify(GOOD)}\n\`\`\``, schema)).toEqual({ ok: true, value: GOOD })
  })

  it.each([
    ['no JSON', 'I approve.', [{ path: '', message: 'there is no JSON in it' }]],
    [
      'a field that is missing',
      '{"assessment":"APPROVE"}',
      [expect.objectContaining({ message: expect.stringContaining('confidence') })],
    ],
    ['a value out of range', '{"assessment":"APPROVE","confidence":11}', [expect.objectContaining({ path: 'confidence' })]],
    ['a field too many', '{"assessment":"APPROVE","confidence":1,"x":2}', [{ path: 'x', message: 'is not allowed here' }]],
  ])('says what is wrong: %s', (_, text, errors) => {
    expect(checkOutput(text, schema)).toEqual({ ok: false, errors, mistake: expect.any(String) })
  })

  it.each([
    ['a number that becomes another one when it is stored', '{"a":1e999}'],
    ['half of a character', '{"a":"\\ud800"}'],
    ['a key that careless programs take for the prototype', '{"__proto__":{}}'],
    ['more levels than data may have', `${'['.repeat(29)}${']'.repeat(29)}`],
  ])('refuses %s, which a schema of anything takes', (_, text) => {
    expect(checkOutput(text, {})).toEqual({
      ok: false,
      errors: [{ path: '', message: expect.stringMatching(/^the JSON (has|is) /) }],
      mistake: expect.any(String),
    })
  })

  it('puts the mistakes into words for the model', () => {
    const checked = checkOutput('{"assessment":"MAYBE","confidence":11}', schema)

    expect(checked).toMatchObject({ ok: false, mistake: expect.stringMatching(/"assessment": .*; "confidence": /) })
  })

  it('ends in time whatever a pattern of the schema does', () => {
    const slow = { type: 'string', pattern: '^(a+)+$' }
    const began = performance.now()

    expect(checkOutput(JSON.stringify(`${'a'.repeat(40)}!`), slow)).toMatchObject({ ok: false })
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  it.each([
    ['no schema', { type: 'thing' }],
    ['a reference to elsewhere', { $ref: 'https://example.com/schema.json' }],
    ['too large', { description: 'x'.repeat(MAX_SCHEMA_BYTES) }],
    ['too deep', Array.from({ length: 30 }).reduce<object>((inner) => ({ type: 'array', items: inner }), {})],
  ])('refuses a schema that is %s', (_, wrong) => {
    expect(() => outputRule({ schema: wrong as Record<string, never> })).toThrow(
      expect.objectContaining({ code: 'validation_error' }),
    )
  })
})
