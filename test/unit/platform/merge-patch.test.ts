import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mergePatch } from '#shared/platform/merge-patch.ts'

/** Source: RFC 7396, appendix A. */
it.each<[unknown, unknown, unknown]>([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j and %j make %j', (target, patch, result) => {
  expect(mergePatch(target, patch)).toEqual(result)
})

it('takes "__proto__" for a name like any other', () => {
  const merged = mergePatch({}, JSON.parse('{"__proto__": {"admin": true}, "constructor": {"prototype": {"x": 1}}}'))

  expect(Object.keys(merged as object)).toEqual(['__proto__', 'constructor'])
  expect({}).not.toHaveProperty('admin')
  expect({}).not.toHaveProperty('x')
})

it('changes nothing that it was given, and the same patch once more changes nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (target, patch) => {
      const [before, patchBefore] = [structuredClone(target), structuredClone(patch)]
      const merged = mergePatch(target, patch)
      expect([target, patch]).toEqual([before, patchBefore])
      expect(mergePatch(merged, patch)).toEqual(merged)
    }),
  )
})
