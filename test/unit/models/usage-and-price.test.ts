import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateCost } from '#shared/models/estimate-cost.ts'
import { estimateTokens } from '#shared/models/estimate-tokens.ts'
import { costMicroUsd } from '#shared/models/price.ts'
import { sumUsage } from '#shared/models/sum-usage.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'

const price = { input: 150_000, output: 600_000, cachedInput: 75_000 }

describe('costMicroUsd', () => {
  it.each([
    [{ inputTokens: 1_000_000, outputTokens: 0 }, 150_000],
    [{ inputTokens: 0, outputTokens: 1_000_000 }, 600_000],
    [{ inputTokens: 1_000_000, outputTokens: 0, cachedInputTokens: 1_000_000 }, 75_000],
    [{ inputTokens: 1_000_000, outputTokens: 10, cachedInputTokens: 400_000, reasoningTokens: 5 }, 120_006],
    [{ inputTokens: 1, outputTokens: 0 }, 1],
    [{ inputTokens: 0, outputTokens: 0 }, 0],
    [{ inputTokens: 10, outputTokens: 0, cachedInputTokens: 1_000 }, 1],
  ])('of %j is %d', (usage, cost) => {
    expect(costMicroUsd(usage, { price })).toBe(cost)
  })

  it('takes cached input for input where it has no price of its own, and is unknown without a price', () => {
    const usage = { inputTokens: 1_000_000, outputTokens: 0, cachedInputTokens: 1_000_000 }
    expect(costMicroUsd(usage, { price: { input: 150_000, output: 1 } })).toBe(150_000)
    expect(costMicroUsd(usage, {})).toBeUndefined()
  })
})

describe('estimateCost', () => {
  const request = { model: 'm', messages: [{ role: 'user' as const, content: 'Hello' }] }
  const inputTokens = estimateTokens(request)

  it.each([
    [{ maxTokens: 100 }, {}, 100],
    [{}, {}, 4_096],
    [{}, { maxOutputTokens: 1_000 }, 1_000],
    [{}, { maxOutputTokens: 64_000 }, 4_096],
  ])('sets aside for %j of %j an answer of %d tokens', (asked, facts, outputTokens) => {
    expect(estimateCost({ ...request, ...asked }, { ...facts, price })).toBe(
      costMicroUsd({ inputTokens, outputTokens }, { price }),
    )
  })
})

describe('estimateTokens', () => {
  const turn = (content: string) => estimateTokens({ messages: [{ role: 'user', content }] })

  it('is near what tokenizers say of English prose', () => {
    const text = 'The quick brown fox jumps over the lazy dog. '.repeat(100)
    // 1,000 tokens with cl100k_base.
    expect(Math.abs(turn(text) - 1_000)).toBeLessThan(150)
  })

  it('counts images, calls, results, tools and schemas', () => {
    const data = new Uint8Array(8)
    const plain = turn('Hello')
    expect(
      estimateTokens({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Hello' },
              { type: 'image', mediaType: 'image/png', data },
            ],
          },
        ],
      }),
    ).toBe(plain + 1_200)
    const messages = [{ role: 'user' as const, content: 'Hello' }]
    const schema = { type: 'object', properties: { city: { type: 'string' } } }
    expect(
      estimateTokens({ messages, tools: [{ name: 'weather', description: 'Says how it is.', parameters: schema }] }),
    ).toBeGreaterThan(plain + 10)
    expect(estimateTokens({ messages, output: { name: 'answer', schema } })).toBeGreaterThan(plain + 10)
    const call = { callId: '1', toolName: 'weather', arguments: '{"city":"Zürich"}' }
    expect(estimateTokens({ messages: [...messages, { role: 'assistant', content: '', toolCalls: [call] }] })).toBeGreaterThan(
      plain + 5,
    )
    expect(
      estimateTokens({ messages: [...messages, { role: 'tool', callId: '1', toolName: 'weather', content: 'rain all day' }] }),
    ).toBeGreaterThan(plain + 4)
  })
})

const figures = {
  inputTokens: fc.nat(1_000),
  outputTokens: fc.nat(1_000),
  cachedInputTokens: fc.nat(100),
  reasoningTokens: fc.nat(100),
  costMicroUsd: fc.nat(100),
}
const required = ['inputTokens', 'outputTokens'] as const
const usages: fc.Arbitrary<Usage> = fc.record(
  {
    ...figures,
    models: fc.array(
      fc.record(
        {
          provider: fc.constantFrom('openai', 'google'),
          model: fc.constantFrom('a', 'b'),
          calls: fc.integer({ min: 1, max: 9 }),
          ...figures,
        },
        { requiredKeys: ['provider', 'model', 'calls', ...required] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
  },
  { requiredKeys: [...required] },
)

describe('sumUsage', () => {
  it('begins with what comes first', () => {
    expect(sumUsage(undefined, { inputTokens: 1, outputTokens: 2 })).toEqual({ inputTokens: 1, outputTokens: 2 })
  })

  it('adds up figures, and leaves out what nobody knows', () => {
    expect(
      sumUsage({ inputTokens: 1, outputTokens: 2, costMicroUsd: 3 }, { inputTokens: 4, outputTokens: 5, reasoningTokens: 6 }),
    ).toEqual({
      inputTokens: 5,
      outputTokens: 7,
      costMicroUsd: 3,
      reasoningTokens: 6,
    })
  })

  it('keeps models in the order in which they were first asked', () => {
    const of = (...models: string[]): Usage => ({
      inputTokens: 1,
      outputTokens: 0,
      models: models.map((model) => ({ provider: 'openai', model, calls: 1, inputTokens: 1, outputTokens: 0 })),
    })
    const sum = sumUsage(of('second', 'first'), of('third', 'first'))

    expect(sum.models?.map(({ model, calls }) => [model, calls])).toEqual([
      ['second', 1],
      ['first', 2],
      ['third', 1],
    ])
  })

  it('is the same in whichever portions it is told', async () => {
    await fc.assert(
      fc.property(usages, usages, usages, (one, two, three) => {
        expect(sumUsage(sumUsage(one, two), three)).toEqual(sumUsage(one, sumUsage(two, three)))
      }),
    )
  })
})
