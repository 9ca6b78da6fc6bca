import { describe, expect, it } from 'vitest'
import { toolSchema } from '#shared/protocol/tool.ts'

const described = { name: 'ask', description: 'Asks.' }
const AGENT = { type: 'agent', ...described, agentId: 'expert' }
const FUNCTION = { type: 'lambda', ...described, function: 'weather' }

describe('the time of a call', () => {
  it.each([
    ['another agent', AGENT, 604_800],
    ['a function', FUNCTION, 600],
  ])('of %s has its limit', (_, tool, most) => {
    expect(toolSchema.safeParse({ ...tool, timeoutSeconds: most }).success).toBe(true)
    expect(toolSchema.safeParse({ ...tool, timeoutSeconds: most + 1 }).success).toBe(false)
  })
})
