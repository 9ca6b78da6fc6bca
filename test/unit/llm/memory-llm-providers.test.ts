import { describe, expect, it } from 'vitest'
import { memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { llmRequest, never, outcomeOf } from '../../helpers/llm.ts'

describe('memoryLlmProviders', () => {
  it('plays its script by request and number, and keeps the requests', async () => {
    const providers = memoryLlmProviders(async function* (request, callNumber) {
      if (callNumber === 1) throw new Error('first')
      yield { type: 'text', text: `${callNumber}: ${request.messages[0]?.content}` }
    })
    const provider = await providers.open({ provider: 'scripted', model: 'any' }, { tenant: 'acme', agentId: 'any' })

    const first = await outcomeOf(provider.stream(llmRequest('one'), never()))
    const second = await outcomeOf(provider.stream(llmRequest('two'), never()))

    expect(first.error).toHaveProperty('message', 'first')
    expect(second.events).toEqual([{ type: 'text', text: '2: two' }])
    expect(providers.calls).toEqual([llmRequest('one'), llmRequest('two')])
  })
})
