import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { childMessage, depthOf, type Parent, requireDepth } from '#shared/messaging/child-message.ts'
import { MAX_DEPTH } from '#shared/protocol/limits.ts'
import { anEnvelope } from '../../helpers/streams.ts'

const aParent = (overrides: Partial<Parent> = {}): Parent => ({ tenant: 'acme', executionId: 'e1', ...overrides })

describe('childMessage', () => {
  it('begins a chain with the execution that sends', () => {
    expect(childMessage(aParent({ source: 'ada' }), anEnvelope())).toMatchObject({
      tenant: 'acme',
      envelope: { parentId: 'e1', rootId: 'e1', depth: 1 },
      rootSource: 'ada',
    })
  })

  it('goes on with the chain that the execution stands in, whatever the message says', () => {
    const envelope = anEnvelope({ parentId: 'e0', rootId: 'e0', depth: 0 })

    const parent = aParent({ executionId: 'e3', rootId: 'e1', depth: 2, source: '/agents/desk', rootSource: 'ada' })
    const { envelope: child, rootSource } = childMessage(parent, envelope)

    expect(child).toMatchObject({ parentId: 'e3', rootId: 'e1', depth: 3 })
    expect(rootSource).toBe('ada')
    // Topics show envelopes: who asked first is nobody's business there.
    expect(JSON.stringify(child)).not.toContain('ada')
  })

  it('ends a circle of agents', () => {
    expect(childMessage(aParent({ depth: MAX_DEPTH - 1 }), anEnvelope()).envelope.depth).toBe(MAX_DEPTH)
    expect(() => childMessage(aParent({ rootId: 'e1', depth: MAX_DEPTH }), anEnvelope())).toThrow(
      expect.objectContaining({ code: 'depth_exceeded', retryable: false, message: expect.stringContaining('"e1"') }),
    )
  })
})

describe('depthOf', () => {
  it('is never less than what a message says, nor than one for a message with a parent', () => {
    fc.assert(
      fc.property(
        fc.option(fc.nat(), { nil: undefined }),
        fc.option(fc.constant('e1'), { nil: undefined }),
        (depth, parentId) => {
          const found = depthOf({ ...(depth !== undefined && { depth }), ...(parentId !== undefined && { parentId }) })

          expect(found).toBeGreaterThanOrEqual(depth ?? 0)
          expect(found).toBeGreaterThanOrEqual(parentId === undefined ? 0 : 1)
          expect([depth ?? 0, 1]).toContain(found)
        },
      ),
    )
  })
})

describe('requireDepth', () => {
  it('lets the last link of a chain pass, and nothing behind it', () => {
    expect(() => requireDepth({ depth: MAX_DEPTH })).not.toThrow()
    expect(() => requireDepth({ depth: MAX_DEPTH + 1 })).toThrow(
      expect.objectContaining({
        code: 'depth_exceeded',
        message: 'the chain of executions is longer than 16: go on with what is known, and ask or send to nobody else',
      }),
    )
  })
})
