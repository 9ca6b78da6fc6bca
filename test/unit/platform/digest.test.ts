import fc from 'fast-check'
import { expect, it } from 'vitest'
import { digestOf } from '#shared/platform/digest.ts'
import { sha256 } from '#shared/platform/sha256.ts'

it('is of canonical JSON, whatever the order of fields', () => {
  expect(digestOf({ b: [1, { d: null, c: 'é' }], a: 1e21 })).toBe(sha256('{"a":1e+21,"b":[1,{"c":"é","d":null}]}'))
  expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }))
  expect(digestOf({ a: 1, b: undefined })).toBe(digestOf({ a: 1 }))
  expect(digestOf('{"a":1}')).not.toBe(digestOf({ a: 1 }))
})

it('exists of whatever JSON can say, lone surrogates too', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const copy: unknown = JSON.parse(JSON.stringify(value))
      expect(digestOf(copy)).toBe(digestOf(value))
      expect(digestOf([value])).not.toBe(digestOf(value))
    }),
  )
  expect(digestOf({ text: '\ud800' })).toMatch(/^[0-9a-f]{64}$/)
  expect(digestOf({ text: '\ud800' })).not.toBe(digestOf({ text: '\udfff' }))
  expect(digestOf(undefined)).toBe(digestOf(null))
})
