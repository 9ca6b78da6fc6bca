import { describe, expect, it } from 'vitest'
import { jsonFault } from '#shared/platform/json-fault.ts'
import { mergePatch } from '#shared/platform/merge-patch.ts'

describe('jsonFault', () => {
  it.each([
    ['[1e999]', 'has a number that is too large'],
    ['{"a":{"b":-1e400}}', 'has a number that is too large'],
    ['"\\ud800"', 'has text that is not Unicode'],
    ['{"a":["\\udc00x"]}', 'has text that is not Unicode'],
    ['{"\\ud800":1}', 'has text that is not Unicode'],
    ['{"__proto__":{"admin":true}}', 'has a key "__proto__"'],
    ['[{"a":{"__proto__":1}}]', 'has a key "__proto__"'],
    [JSON.stringify({ ['k'.repeat(1_025)]: 1 }), 'has a key of more than 1024 characters'],
  ])('finds it in %.60s', (text, fault) => {
    expect(jsonFault(JSON.parse(text))).toBe(fault)
  })

  it.each([
    '0',
    'null',
    '1.7976931348623157e308',
    '"😀 \\u0000"',
    '{"constructor":{"prototype":1},"toString":null,"":[]}',
    JSON.stringify({ ['k'.repeat(1_024)]: 1 }),
  ])('has nothing against %.60s', (text) => {
    expect(jsonFault(JSON.parse(text))).toBeUndefined()
  })

  it('goes down without a stack', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))

    expect(jsonFault(deep)).toBeUndefined()
  })
})

describe('prototypes', () => {
  it('are not what a merge patch changes', () => {
    const patch = JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')

    const merged = mergePatch({ name: 'a' }, patch)

    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    expect((merged as { admin?: boolean }).admin).toBeUndefined()
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
  })
})
