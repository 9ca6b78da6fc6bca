import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IMAGE_TYPES, imageTypeOf } from '#shared/protocol/image-type.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')

describe('imageTypeOf', () => {
  it.each([
    ['image/png', '\x89PNG\r\n\x1a\n…'],
    ['image/jpeg', '\xff\xd8\xff\xe0\x00\x10JFIF'],
    ['image/gif', 'GIF87a…'],
    ['image/gif', 'GIF89a…'],
    ['image/webp', 'RIFF\x0a\x00\x00\x00WEBPVP8 '],
  ])('knows %s', (type, file) => {
    expect(imageTypeOf(bytes(file))).toBe(type)
  })

  it.each([
    ['nothing', ''],
    ['half a signature', '\x89PNG'],
    ['a sound in the container of WebP', 'RIFF\x0a\x00\x00\x00WAVEfmt '],
    ['a signature that does not stand first', ' GIF89a'],
    ['a page', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['HEIC', '\x00\x00\x00\x18ftypheic'],
  ])('does not know %s', (_what, file) => {
    expect(imageTypeOf(bytes(file))).toBeUndefined()
  })

  it('takes whatever there is', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (data) => {
        expect([...IMAGE_TYPES, undefined]).toContain(imageTypeOf(data))
      }),
    )
  })
})
