import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from '../../../cli/nearest.ts'

const COMMANDS = ['chat', 'publish', 'tail', 'agents', 'token', 'doctor']

describe('nearest', () => {
  it.each([
    ['chta', 'chat'],
    ['agent', 'agents'],
    ['tial', 'tail'],
    ['Publsh', 'publish'],
    ['docter', 'doctor'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, COMMANDS)).toBe(meant)
  })

  it.each(['x', 'deployment', 'constructor'])('has no idea what %s means', (word) => {
    expect(nearest(word, ['chat', 'publish', 'tail'])).toBeUndefined()
  })
})

describe('editDistance', () => {
  it('is a distance: zero for the same word only, the same both ways, never more than the longer word', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.string({ unit: 'grapheme-ascii' }), (one, other) => {
        const distance = editDistance(one, other)
        expect(distance === 0).toBe(one === other)
        expect(distance).toBe(editDistance(other, one))
        expect(distance).toBeLessThanOrEqual(Math.max(one.length, other.length))
      }),
    )
  })
})
