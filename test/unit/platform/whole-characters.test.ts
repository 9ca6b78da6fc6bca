import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wholeCharacters } from '#shared/platform/whole-characters.ts'

describe('wholeCharacters', () => {
  it('keeps every character, wherever the text was cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.infiniteStream(fc.integer({ min: 1, max: 3 })), (text, lengths) => {
        const whole = wholeCharacters()
        const pieces: string[] = []
        for (let start = 0; start < text.length; ) {
          const length = lengths.next().value
          pieces.push(whole(text.slice(start, start + length)))
          start += length
        }

        expect(pieces.join('')).toBe(text)
        expect(pieces.every((piece) => piece.isWellFormed())).toBe(true)
      }),
    )
  })

  it('replaces what never becomes a character, and leaves out half of one at the end', () => {
    const whole = wholeCharacters()

    expect([whole('a\ud83d'), whole('b'), whole('\ude00c'), whole('d\ud800')]).toEqual(['a', '\ufffdb', '\ufffdc', 'd'])
  })
})
