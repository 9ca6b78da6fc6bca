import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { derivedId, newId } from '#shared/platform/ids.ts'
import { executionIdSchema } from '#shared/protocol/identifiers.ts'

describe('newId', () => {
  it('is a new UUIDv7 each time, and an id of the protocol', () => {
    const ids = Array.from({ length: 1_000 }, newId)

    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(executionIdSchema.parse(id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  })
})

describe('derivedId', () => {
  it('never changes: redelivered messages must not run twice', () => {
    expect(derivedId('acme', 'm-1', 'assistant')).toBe('3f7b3179-e0a1-5128-93aa-95b028b0abfb')
  })

  it('is another one for other parts, wherever they are cut', () => {
    const parts = fc.array(fc.string(), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other)
        expect(derivedId(...one) === derivedId(...other)).toBe(same)
      }),
      {
        examples: [
          [
            ['ab', 'c'],
            ['a', 'bc'],
          ],
        ],
      },
    )
  })
})
