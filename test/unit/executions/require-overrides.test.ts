import { describe, expect, it } from 'vitest'
import { requireOverrides } from '#shared/executions/require-overrides.ts'
import { requestOf } from '#shared/executions/submit-execution.ts'

const asker = { subject: 'ann', tenant: 'acme', scopes: ['executions:write'] } as const
const builder = { ...asker, scopes: ['executions:write', 'agents:write'] } as const

describe('what a request says of the model', () => {
  it.each([[undefined], [{}], [{ temperature: 0, maxTokens: 5 }]])('is everybody’s as long as it is a parameter: %j', (llm) => {
    expect(() => requireOverrides(asker, llm)).not.toThrow()
  })

  it.each([[{ model: 'big' }], [{ provider: 'openai' as const }], [{ temperature: 0, model: 'big' }]])(
    'takes the right to change agents when it chooses another one: %j',
    (llm) => {
      const asked = { agentId: 'assistant', input: { content: 'x' }, llm }

      expect(() => requestOf(asker, asked, 'e1')).toThrow(expect.objectContaining({ code: 'forbidden' }))
      expect(requestOf(builder, asked, 'e1')).toMatchObject({ llm })
    },
  )
})
