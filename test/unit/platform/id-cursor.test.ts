import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeIdCursor, encodeIdCursor } from '#shared/platform/id-cursor.ts'
import { identifier } from '../../helpers/arbitraries.ts'

describe('cursor of a list', () => {
  it('carries the last id, and can stand in a URL', () => {
    fc.assert(
      fc.property(identifier, (id) => {
        const cursor = encodeIdCursor(id)

        expect(decodeIdCursor(cursor)).toBe(id)
        expect(encodeURIComponent(cursor)).toBe(cursor)
      }),
    )
  })

  it.each(['', '!', 'YQ==', 'a'])('refuses "%s", which it did not write', (cursor) => {
    expect(() => decodeIdCursor(cursor)).toThrow(
      expect.objectContaining({ code: 'validation_error', fields: [{ path: 'after', message: 'is not a cursor' }] }),
    )
  })
})
