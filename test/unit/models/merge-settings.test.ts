import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeSettings } from '#shared/models/merge-settings.ts'
import { type LlmSettings, llmOverridesSchema, llmSettingsSchema } from '#shared/protocol/llm.ts'

/** One value for every field of the settings. */
const AGENT: Required<LlmSettings> = {
  provider: 'custom',
  model: 'llama',
  service: 'team',
  temperature: 0.1,
  maxTokens: 100,
  topP: 0.2,
  frequencyPenalty: 0.3,
  presencePenalty: 0.4,
  stopSequences: ['agent'],
  reasoningEffort: 'low',
  baseUrl: 'https://models.example.com/v1',
  headers: { 'x-team': 'a' },
  timeouts: { totalSeconds: 10 },
  fallbacks: [{ provider: 'openai', model: 'gpt-4o' }],
  cache: { ttlSeconds: 60 },
  guardrail: { id: 'g', version: '1' },
} as Required<LlmSettings>

const OF_THE_PROVIDER = ['service', 'baseUrl', 'headers', 'guardrail']

const generation = {
  temperature: fc.double({ min: 0, max: 2, noNaN: true }),
  maxTokens: fc.integer({ min: 1, max: 1_000 }),
  topP: fc.double({ min: 0, max: 1, noNaN: true }),
  frequencyPenalty: fc.double({ min: -2, max: 2, noNaN: true }),
  presencePenalty: fc.double({ min: -2, max: 2, noNaN: true }),
  stopSequences: fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }),
  reasoningEffort: fc.constantFrom('low' as const, 'medium' as const, 'high' as const),
  model: fc.string({ minLength: 1, maxLength: 20 }),
}
const sameProvider = fc.record(generation, { requiredKeys: [] })

describe('mergeSettings', () => {
  it('takes each field from the last one that says it: call, place, agent', () => {
    const property = fc.property(sameProvider, sameProvider, (place, call) => {
      expect(mergeSettings(AGENT, place, call)).toEqual({ ...AGENT, ...place, ...call })
    })

    expect(() => fc.assert(property)).not.toThrow()
  })

  it('knows every field that can be said', () => {
    expect(Object.keys({ ...generation, provider: true }).toSorted()).toEqual([...llmOverridesSchema.keyof().options].toSorted())
    expect(llmSettingsSchema.keyof().options.filter((name) => !(name in AGENT))).toEqual([])
  })

  it('drops with the provider what was said for it, and keeps the rest', () => {
    const merged = mergeSettings(AGENT, { provider: 'anthropic', model: 'claude-haiku-4-5', temperature: 1 })

    const { service, baseUrl, headers, guardrail, ...rest } = AGENT
    expect(merged).toEqual({ ...rest, provider: 'anthropic', model: 'claude-haiku-4-5', temperature: 1 })
    expect(OF_THE_PROVIDER.filter((name) => name in merged)).toEqual([])
  })

  it('does not bring back what another provider dropped', () => {
    const away = { provider: 'openai', model: 'gpt-4o' } as const
    const back = { provider: 'custom', model: 'llama' } as const

    expect(mergeSettings(AGENT, away, back)).not.toHaveProperty('service')
  })

  it('keeps everything when the provider that is named is the agent’s own', () => {
    expect(mergeSettings(AGENT, { provider: 'custom' })).toEqual(AGENT)
    expect(mergeSettings(AGENT)).toEqual(AGENT)
    expect(mergeSettings(AGENT, undefined, { temperature: undefined })).toEqual(AGENT)
  })

  it('refuses another provider without a model of its own', () => {
    expect(() => mergeSettings(AGENT, { provider: 'google' })).toThrow(expect.objectContaining({ code: 'validation_error' }))
    expect(() => mergeSettings(AGENT, { model: 'x' }, { provider: 'google' })).toThrow(/model of its own/)
  })
})
