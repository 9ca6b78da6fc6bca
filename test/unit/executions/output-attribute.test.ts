import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromOutputAttribute, outputAttributeSchema, toOutputAttribute } from '#shared/executions/output-attribute.ts'

const read = (attribute: unknown) => fromOutputAttribute(outputAttributeSchema.parse(attribute))

const WORDS = 'A sluice lets just so much water through as the mill behind it can take. '

describe('the attribute of an output', () => {
  it('gives every output back, from a table and from a change stream', () => {
    const outputs = fc.record(
      { text: fc.string({ unit: 'grapheme', maxLength: 3_000, size: 'max' }), data: fc.jsonValue() },
      { requiredKeys: ['text'] },
    )

    fc.assert(
      fc.property(outputs, (output) => {
        const attribute = toOutputAttribute(output)
        const { deflated } = attribute
        const streamed = deflated instanceof Uint8Array ? { deflated: Buffer.from(deflated).toString('base64') } : attribute
        // Zero has no sign in JSON.
        const same = JSON.parse(JSON.stringify(output))

        expect(read(attribute)).toEqual(same)
        expect(read(streamed)).toEqual(same)
      }),
    )
  })

  it('is plain while that costs one unit, and less than half of a long text', () => {
    const short = { text: 'A gate.' }
    const long = { text: WORDS.repeat(80), data: { words: 1_120 } }

    expect(toOutputAttribute(short)).toEqual(short)
    expect((toOutputAttribute(long).deflated as Uint8Array).byteLength).toBeLessThan(long.text.length / 2)
  })

  it('may be one that an earlier version wrote', () => {
    expect(read({ text: WORDS.repeat(80), data: '{"a":1}' })).toEqual({ text: WORDS.repeat(80), data: { a: 1 } })
  })

  it.each([[{ deflated: 'not base64!' }], [{ deflated: Buffer.from('not deflated') }], [{}]])('refuses %j', (attribute) => {
    expect(() => read(attribute)).toThrow()
  })
})
