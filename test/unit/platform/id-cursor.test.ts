import fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodeCursor } from '#shared/platform/cursor.ts'
import { decodeIdCursor } from '#shared/platform/id-cursor.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { identifier } from '../../helpers/arbitraries.ts'

it('gives back any id, and can stand in a URL', () => {
  fc.assert(
    fc.property(identifier, (id) => {
      const cursor = encodeCursor(id)

      expect(decodeIdCursor(cursor)).toBe(id)
      expect(encodeURIComponent(cursor)).toBe(cursor)
    }),
  )
})

it('accepts nothing but a cursor', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.constantFrom('VCNhY21l', 'Li4', '__proto__')), (text) => {
      let id: string
      try {
        id = decodeIdCursor(text)
      } catch (error) {
        expect(error).toMatchObject({ code: 'validation_error', fields: [{ path: 'after', message: 'is not a cursor' }] })
        return
      }
      expect(agentIdSchema.safeParse(id).success).toBe(true)
      expect(encodeCursor(id)).toBe(text)
    }),
  )
})
