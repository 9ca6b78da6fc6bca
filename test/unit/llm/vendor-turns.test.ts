import { describe, expect, it } from 'vitest'
import { declaredTools, systemTexts, vendorTurns } from '#shared/llm/vendor-turns.ts'
import { llmRequest } from '../../helpers/llm.ts'
import { WEATHER } from '../../llm/scenarios.ts'

const call = { callId: 'c1', toolName: 'tides', arguments: '{}' }

describe('vendorTurns', () => {
  it('alternates the roles, and leaves out what is empty', () => {
    const turns = vendorTurns(
      [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'a' },
        { role: 'tool', callId: 'c1', toolName: 'tides', content: 'b' },
        { role: 'assistant', content: '' },
        { role: 'user', content: 'c' },
        { role: 'assistant', content: 'd' },
      ],
      ({ content }) => (content ? [content] : []),
    )

    expect(turns).toEqual([
      { role: 'user', blocks: ['a', 'b', 'c'] },
      { role: 'assistant', blocks: ['d'] },
    ])
  })
})

describe('systemTexts', () => {
  it('are those that say something', () => {
    const system = ['Be brief.', '', 'Be kind.'].map((content) => ({ role: 'system' as const, content }))

    expect(systemTexts(system)).toEqual(['Be brief.', 'Be kind.'])
  })
})

describe('declaredTools', () => {
  it('are those of the request, or those that were called when it has none', () => {
    const messages = [{ role: 'assistant' as const, content: '', toolCalls: [call, { ...call, callId: 'c2' }] }]

    expect(declaredTools(llmRequest('Hi', { messages, tools: [WEATHER] }))).toEqual([WEATHER])
    expect(declaredTools(llmRequest('Hi', { messages })).map((tool) => tool.name)).toEqual(['tides'])
    expect(declaredTools(llmRequest('Hi'))).toEqual([])
  })
})
