import { describe, expect, it } from 'vitest'
import { itemSize } from '../../../bench/counts/item-size.ts'

describe('itemSize', () => {
  it('is names and values: the example of the developer guide', () => {
    expect(itemSize({ 'shirt-color': 'R', 'shirt-size': 'M' })).toBe(23)
  })

  it.each([
    ['text in UTF-8', 'né', 3],
    ['two digits', 27, 2],
    ['three digits', 127, 3],
    ['trailing zeros do not count', 1_000_000, 2],
    ['a minus sign', -27, 3],
    ['zero', 0, 2],
    ['a boolean', true, 1],
    ['null', null, 1],
    ['bytes', new Uint8Array(5), 5],
    ['an empty list', [], 3],
    ['a list', ['ab', 'c'], 8],
    ['an empty map', {}, 3],
    ['a map', { k: 'v' }, 6],
  ])('%s', (_, value, bytes) => {
    expect(itemSize({ a: value })).toBe(1 + bytes)
  })

  it('leaves out what the document client leaves out', () => {
    expect(itemSize({ a: undefined })).toBe(0)
  })
})
