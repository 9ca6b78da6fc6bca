import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentIdSchema, executionIdSchema, tenantSchema, timestampSchema, topicSchema } from '#shared/protocol/identifiers.ts'
import { identifier } from '../../helpers/arbitraries.ts'

describe('identifiers', () => {
  it('are accepted as they are', () => {
    fc.assert(
      fc.property(identifier, (id) => {
        for (const schema of [agentIdSchema, executionIdSchema, topicSchema]) expect(schema.parse(id)).toBe(id)
      }),
    )
  })

  it('never hold what means something in a key, a URL or a channel', () => {
    const special = fc.constantFrom('#', '/', ':', '?', '&', '%', ' ', '\n', '\0', '*', '\u{1F600}')
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), special, fc.string({ maxLength: 60 }), (before, character, after) => {
        expect(agentIdSchema.safeParse(before + character + after).success).toBe(false)
        expect(tenantSchema.safeParse(before + character + after).success).toBe(false)
      }),
    )
  })

  it.each(['', '.hidden', '-dash', '_under', '..', 'a'.repeat(129)])('refuse "%s"', (id) => {
    expect(agentIdSchema.safeParse(id).success).toBe(false)
  })
})

describe('timestamps', () => {
  it('are what Date writes', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        expect(timestampSchema.parse(date.toISOString())).toBe(date.toISOString())
      }),
    )
  })

  it.each(['2026-11-21', '2026-11-21T09:30', 'yesterday', '1795253400000'])('refuse "%s"', (time) => {
    expect(timestampSchema.safeParse(time).success).toBe(false)
  })
})
