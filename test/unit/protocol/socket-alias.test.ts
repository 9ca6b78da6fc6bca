import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topicSchema } from '#shared/protocol/identifiers.ts'
import { socketAlias } from '#shared/protocol/socket-alias.ts'

describe('socketAlias', () => {
  it.each([
    ['/socket', {}],
    ['/ws', {}],
    ['/ws/', {}],
    ['/ws/health', { endpoint: 'health' }],
    ['/ws/agent-stream', { endpoint: 'agent-stream' }],
    ['/ws/agent-stream/abc-123', { executionId: 'abc-123', view: 'flat' }],
  ])('%s is the socket with %j', (path, query) => {
    expect(socketAlias(path)).toEqual(query)
  })

  it.each(['/', '/wsx', '/ws/a/b', '/ws//a', '/ws/%2e%2e', '/ws/health?x=1', '/ws/a&view=flat', '/socket/x', '/v1/ws'])(
    '%s is no address of it',
    (path) => {
      expect(socketAlias(path)).toBeUndefined()
    },
  )

  it('makes nothing but names of what stands in a path', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const value of Object.values(socketAlias(`/ws/${text}`) ?? {})) expect(value).toMatch(/^[A-Za-z0-9_.-]+$/)
      }),
    )
    expect(topicSchema.safeParse(socketAlias('/ws/a.b_c-1')?.endpoint).success).toBe(true)
  })
})
