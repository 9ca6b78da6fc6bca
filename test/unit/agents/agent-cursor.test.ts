import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeAgentCursor, encodeAgentCursor } from '#shared/agents/agent-cursor.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'

it('gives back any agent id', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/), (agentId) => {
      expect(decodeAgentCursor(encodeAgentCursor(agentId))).toBe(agentId)
    }),
  )
})

it('accepts nothing but a cursor', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.constantFrom('VCNhY21l', 'Li4', '__proto__')), (text) => {
      let agentId: string
      try {
        agentId = decodeAgentCursor(text)
      } catch (error) {
        expect(error).toMatchObject({ code: 'validation_error' })
        return
      }
      expect(agentIdSchema.safeParse(agentId).success).toBe(true)
      expect(encodeAgentCursor(agentId)).toBe(text)
    }),
  )
})
