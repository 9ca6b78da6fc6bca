import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { visibleJson } from '#shared/protocol/visible-json.ts'

describe('visibleJson', () => {
  it.each([
    ['a mark of direction', 'pay \u202e001', '"pay \\u202e001"'],
    ['a character without width', 'a\u200bb', '"a\\u200bb"'],
    ['a sequence for terminals', '\u001b[2J\u009b2J', '"\\u001b[2J\\u009b2J"'],
    ['a tag outside of the first plane', '\u{e0041}', '"\\udb40\\udc41"'],
    ['letters and signs as they are', 'Zürich 東京 😀', '"Zürich 東京 😀"'],
  ])('shows %s', (_, text, shown) => {
    expect(visibleJson(text)).toBe(shown)
  })

  it('is the same JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0x10_ff_ff })), (points) => {
        const text = String.fromCodePoint(...points)
        expect(JSON.parse(visibleJson({ [text]: [text] }, 2))).toEqual({ [text]: [text] })
      }),
    )
  })
})
