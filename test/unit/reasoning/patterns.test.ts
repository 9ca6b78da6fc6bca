import { describe, expect, it } from 'vitest'
import { newAgentSchema } from '#shared/protocol/agent.ts'
import { createExecutionSchema } from '#shared/protocol/execution.ts'

const definition = { agentId: 'assistant', name: 'Assistant', kind: 'llm', llm: { provider: 'scripted', model: 'scripted-1' } }
const pathsOf = (error: { issues: { path: PropertyKey[] }[] } | undefined) => error?.issues.map(({ path }) => path.join('.'))

describe('a pattern that there is not', () => {
  it.each(['tree_of_thought', 'React', '', '__proto__', 'constructor'])(
    'is refused in a definition: "%s"',
    (reasoningPattern) => {
      expect(newAgentSchema.safeParse({ ...definition, reasoningPattern: 'react' }).success).toBe(true)

      const { error } = newAgentSchema.safeParse({ ...definition, reasoningPattern })

      expect(pathsOf(error)).toEqual(['reasoningPattern'])
    },
  )

  it.each([{ reasoningPattern: 'tree_of_thought' }, { llm: { reasoningPattern: 'direct' } }])(
    'cannot be asked for by a request either, nor can one that there is: %j',
    (override) => {
      const request = { agentId: 'assistant', input: { content: 'What?' } }
      expect(createExecutionSchema.safeParse(request).success).toBe(true)

      expect(createExecutionSchema.safeParse({ ...request, ...override }).success).toBe(false)
    },
  )
})
