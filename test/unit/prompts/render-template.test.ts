import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_RENDERED_LENGTH, renderTemplate, variablesIn } from '#shared/prompts/render-template.ts'

describe('renderTemplate', () => {
  it.each([
    ['a text', 'Hello {name}!', { name: 'Ada' }, 'Hello Ada!'],
    ['a part of an object', '{order.customer.name}', { order: { customer: { name: 'Ada' } } }, 'Ada'],
    ['an entry of a list', '{tags.1}', { tags: ['a', 'b'] }, 'b'],
    ['an object as JSON', '{order}', { order: { id: 7 } }, '{"id":7}'],
    ['a number, a flag and null', '{a} {b} {c}', { a: 1.5, b: false, c: null }, '1.5 false null'],
    ['an empty text', '[{a}]', { a: '' }, '[]'],
    ['names in other scripts', '{größe} {数}', { größe: 'L', 数: 3 }, 'L 3'],
    ['names with - and _', '{a-b}{a_b}', { 'a-b': 1, a_b: 2 }, '12'],
    ['a name twice', '{a}{a}', { a: 'x' }, 'xx'],
    ['double braces', '{{a}}', { a: 'x' }, '{x}'],
  ])('puts in %s', (_, template, variables, text) => {
    expect(renderTemplate(template, variables)).toBe(text)
  })

  it.each([
    ['JSON', '{"a": 1, "b": {"c": [1, {"d": 2}]}}'],
    ['empty braces', 'if (x) {} else { }'],
    ['a blank inside', '{ name }'],
    ['repetitions of patterns', '\\d{3} x{2,5}'],
    ['a lone brace', 'a { b } c }{'],
    ['code', 'function f() { return 1 }'],
  ])('leaves %s alone', (_, template) => {
    expect(renderTemplate(template, {})).toBe(template)
    expect(variablesIn(template)).toEqual([])
  })

  it('makes braces of escapes, in which there is no variable', () => {
    expect(renderTemplate('\\{name\\} is {name}', { name: 'Ada' })).toBe('{name} is Ada')
  })

  it('names what nobody knows, and what is known', () => {
    expect(() => renderTemplate('{nme} {order.total} {name}', { order: {}, name: 'Ada' }, 'the user template')).toThrow(
      expect.objectContaining({
        code: 'validation_error',
        message: 'the user template has variables that nobody knows: {nme}, {order.total}; known: {name}, {order}',
        fields: [
          { path: 'variables.nme', message: 'is not known' },
          { path: 'variables.order.total', message: 'is not known' },
        ],
      }),
    )
  })

  it.each(['{constructor}', '{name.length}', '{name.constructor.name}', '{__proto__}', '{list.length}', '{order.toString}'])(
    'finds nothing that was not given: %s',
    (template) => {
      expect(() => renderTemplate(template, { name: 'Ada', list: [], order: {} })).toThrow(/nobody knows/)
    },
  )

  it('tells a few of the names that an input brings, however many and long they are', () => {
    const variables = Object.fromEntries(Array.from({ length: 20_000 }, (_, place) => [`${place}-${'x'.repeat(500)}`, place]))

    const render = () => renderTemplate('{name}', variables)

    expect(render).toThrow(/nobody knows: \{name\}; known: \{0-x/)
    expect(render).toThrow(/, and 19950 more$/)
    expect(render).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{0,4000}$/s) }))
  })

  it('names the first of what nobody knows, however many there are', () => {
    const template = Array.from({ length: 10_000 }, (_, number) => `{v${number}}`).join('')

    expect(() => renderTemplate(template, {})).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^.{0,4000}, and 9950 more; known: $/),
        fields: expect.toSatisfy((fields: unknown[]) => fields.length === 50),
      }),
    )
  })

  it('never looks into what it puts in', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.array(fc.constantFrom('{a}', '{b}', 'text ', '\\{', '{{a}}', '{"x":1}')),
        (a, b, parts) => {
          const secret = `{b}${a}{a}\\{{secret}`
          const rendered = renderTemplate(parts.join(''), { a: secret, b, secret: 'NEVER' })

          const expected = parts.map(
            (part) => (({ '{a}': secret, '{b}': b, '\\{': '{', '{{a}}': `{${secret}}` }) as Record<string, string>)[part] ?? part,
          )
          expect(rendered).toBe(expected.join(''))
        },
      ),
    )
  })

  it('takes values with `$` as they are', () => {
    expect(renderTemplate('{a}', { a: "$& $1 $' $<path>" })).toBe("$& $1 $' $<path>")
  })

  it('ends where a short template becomes a very long text', () => {
    const value = 'x'.repeat(1_000_000)
    expect(() => renderTemplate('{a}'.repeat(1_000), { a: value })).toThrow(
      expect.objectContaining({ code: 'payload_too_large', message: expect.stringContaining(String(MAX_RENDERED_LENGTH)) }),
    )
  })

  it('takes a long template of open braces in linear time', () => {
    const template = '{a.'.repeat(160_000)
    const began = performance.now()
    renderTemplate(template, {})
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})
