import { describe, expect, it } from 'vitest'
import { completeDefinition } from '#shared/agents/complete-definition.ts'
import { requireConsistent } from '#shared/agents/require-consistent.ts'
import { createAgentSchema } from '#shared/protocol/agent.ts'
import { LLM_PROVIDERS, type LlmSettings } from '#shared/protocol/llm.ts'

const definition = (given: Record<string, unknown>) => createAgentSchema.parse({ name: 'Writer', ...given })

const check = (llm: Partial<LlmSettings>) => () =>
  requireConsistent(definition({ llm: { provider: 'openai', model: 'm', ...llm } }))

const refusal = (...paths: string[]) =>
  expect.objectContaining({ code: 'validation_error', fields: paths.map((path) => expect.objectContaining({ path })) })

const baseUrl = 'https://models.example/v1'
const headers = { 'x-team': 'red' }

describe('requireConsistent', () => {
  it.each(LLM_PROVIDERS.filter((name) => name !== 'custom' && name !== 'ollama'))('refuses an address for %s', (provider) => {
    expect(check({ provider, baseUrl })).toThrow(refusal('llm.baseUrl'))
  })

  it.each(LLM_PROVIDERS.filter((name) => name !== 'custom'))('refuses headers for %s', (provider) => {
    expect(check({ provider, headers })).toThrow(refusal('llm.headers'))
  })

  it('names all that is wrong', () => {
    const guardrail = { id: 'g', version: '1' }

    expect(check({ baseUrl, headers, guardrail })).toThrow(refusal('llm.guardrail', 'llm.baseUrl', 'llm.headers'))
  })

  it.each<Partial<LlmSettings>>([
    { provider: 'custom', baseUrl, headers },
    { provider: 'ollama', baseUrl },
    { provider: 'custom', baseUrl, headers, fallbacks: [{ provider: 'openai', model: 'm' }] },
    { provider: 'bedrock', guardrail: { id: 'g', version: '1' } },
  ])('takes %j', (llm) => {
    expect(check(llm)).not.toThrow()
  })

  it.each([
    { provider: 'openai', baseUrl },
    { provider: 'anthropic', headers },
  ])('refuses %j in a component as well', (config) => {
    const components = [{ id: 'brain', type: 'model', config: { model: 'm', ...config } }]

    expect(() => completeDefinition(definition({ components }))).toThrow(expect.objectContaining({ code: 'validation_error' }))
  })
})
