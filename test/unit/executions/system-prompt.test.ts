import { expect, it } from 'vitest'
import { systemPrompt } from '#shared/executions/system-prompt.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import { anAgent } from '../../helpers/executions.ts'

it.each<[Partial<LlmAgent>, string | undefined]>([
  [{}, undefined],
  [{ prompts: { system: 'Be brief.' } }, 'Be brief.'],
  [{ persona: {} }, undefined],
  [{ persona: { role: 'a senior underwriter' } }, 'You are a senior underwriter.'],
  [
    {
      persona: { role: 'a senior underwriter', expertise: ['risk', 'loans'], personality: 'careful' },
      prompts: { system: 'Be brief.' },
    },
    'You are a senior underwriter. You know about risk, loans. Your manner: careful.\n\nBe brief.',
  ],
  [{ persona: { expertise: [] }, prompts: { system: 'Be brief.' } }, 'Be brief.'],
])('of %j is %j', (agent, text) => {
  expect(systemPrompt(anAgent(agent))).toBe(text)
})
