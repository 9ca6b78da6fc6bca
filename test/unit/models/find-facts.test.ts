import { describe, expect, it } from 'vitest'
import { BUILT_IN_MODELS, findFacts } from '#shared/models/find-facts.ts'
import { type ModelEntry, modelEntrySchema } from '#shared/protocol/model.ts'

const said = (entry: Partial<ModelEntry>): ModelEntry => ({
  provider: 'openai',
  model: 'x',
  asOf: '2026-11-21',
  source: 'tenant',
  ...entry,
})
const limitOf = (provider: string, model: string): number | undefined => findFacts([], { provider, model }).contextTokens

describe('the catalogue', () => {
  it('is of the form that it is shown in, and names each model once', () => {
    for (const entry of BUILT_IN_MODELS) expect(modelEntrySchema.strict().parse(entry)).toEqual(entry)
    const names = BUILT_IN_MODELS.map(({ provider, model }) => `${provider}/${model}`)
    expect(new Set(names).size).toBe(names.length)
  })

  it.each([
    ['openai', 'gpt-4', 8_192],
    ['openai', 'gpt-4-32k', 32_768],
    ['openai', 'gpt-4-turbo', 128_000],
    ['openai', 'gpt-3.5-turbo-16k', 16_385],
    ['anthropic', 'claude-3-opus-20240229', 200_000],
    ['anthropic', 'claude-3-sonnet', 200_000],
    ['anthropic', 'claude-3-haiku-20240307', 200_000],
    ['google', 'gemini-pro', 30_720],
    ['azure', 'gpt-4o', 128_000],
    ['bedrock', 'anthropic.claude-3-haiku-20240307-v1:0', 200_000],
    ['bedrock', 'eu.anthropic.claude-3-haiku-20240307-v1:0', 200_000],
    ['bedrock', 'arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-pro-v1:0', 300_000],
    ['openai', 'gpt-4-tuned', undefined],
    ['custom', 'gpt-4', undefined],
    ['nobody', 'gpt-4', undefined],
  ])('knows %s %s', (provider, model, tokens) => {
    expect(limitOf(provider, model)).toBe(tokens)
  })

  it('takes the longest name that fits', () => {
    const dated = findFacts([], { provider: 'openai', model: 'gpt-4o-mini-2024-07-18' })
    expect(dated).toEqual(findFacts([], { provider: 'openai', model: 'gpt-4o-mini' }))
    expect(dated.price).not.toEqual(findFacts([], { provider: 'openai', model: 'gpt-4o' }).price)
  })

  it('has what a tenant says over it, field by field, abilities one by one', () => {
    const known = findFacts([], { provider: 'openai', model: 'gpt-4o' })
    const price = { input: 1, output: 2 }
    const facts = findFacts([said({ model: 'gpt-4o', price, abilities: { images: false } })], {
      provider: 'openai',
      model: 'gpt-4o',
    })

    expect(facts).toEqual({ ...known, price, abilities: { ...known.abilities, images: false } })
  })

  it('prefers a whole name of the tenant to a beginning, whatever the order', () => {
    const overrides = [
      said({ provider: 'custom', model: '*', contextTokens: 1 }),
      said({ provider: 'custom', model: 'a', contextTokens: 2 }),
      said({ provider: 'custom', model: 'a*', contextTokens: 3 }),
    ]

    expect(['a', 'ab', 'b'].map((model) => findFacts(overrides, { provider: 'custom', model }).contextTokens)).toEqual([2, 3, 1])
    expect(findFacts(overrides, { provider: 'ollama', model: 'a' }).contextTokens).toBeUndefined()
  })
})
