import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import { findFacts } from '#shared/models/find-facts.ts'
import { prepareRequest } from '#shared/models/prepare-request.ts'
import { generationSchema } from '#shared/protocol/llm.ts'
import { type ModelFacts, type Vendor, vendorSchema } from '#shared/protocol/model.ts'

const request = (asked: Partial<LlmRequest> = {}): LlmRequest => ({
  model: 'm',
  messages: [{ role: 'user', content: 'Hello' }],
  ...asked,
})
const image = { type: 'image', mediaType: 'image/png', data: new Uint8Array(4) } as const
const tool = { name: 'add', description: 'Adds.', parameters: { type: 'object' } }
const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => `end ${index}`)

const prepared = (asked: Partial<LlmRequest>, provider: Vendor, facts: ModelFacts = {}) =>
  prepareRequest(request(asked), provider, facts)

describe('prepareRequest', () => {
  it.each<[Vendor, Partial<LlmRequest>, Partial<LlmRequest>]>([
    ['openai', { temperature: 2 }, { temperature: 2 }],
    ['openai', { topP: 1, frequencyPenalty: -2, presencePenalty: 2 }, { topP: 1, frequencyPenalty: -2, presencePenalty: 2 }],
    ['openai', { stopSequences: texts(4), reasoningEffort: 'low' }, { stopSequences: texts(4), reasoningEffort: 'low' }],
    ['openai', { stopSequences: texts(5) }, { stopSequences: texts(4) }],
    ['azure', { stopSequences: texts(16) }, { stopSequences: texts(4) }],
    ['custom', { stopSequences: texts(16), frequencyPenalty: 1 }, { stopSequences: texts(16), frequencyPenalty: 1 }],
    ['anthropic', { temperature: 0, topP: 0.1 }, { temperature: undefined, topP: undefined }],
    ['anthropic', { frequencyPenalty: 1, presencePenalty: 1 }, { frequencyPenalty: undefined, presencePenalty: undefined }],
    ['anthropic', { stopSequences: texts(16) }, { stopSequences: texts(16) }],
    [
      'google',
      { temperature: 2, frequencyPenalty: 1, presencePenalty: 1 },
      { temperature: 2, frequencyPenalty: undefined, presencePenalty: undefined },
    ],
    ['google', { stopSequences: texts(6) }, { stopSequences: texts(5) }],
    ['bedrock', { temperature: 2 }, { temperature: 1 }],
    ['bedrock', { frequencyPenalty: 1, presencePenalty: 1 }, { frequencyPenalty: undefined, presencePenalty: undefined }],
    [
      'ollama',
      { temperature: 2, frequencyPenalty: 1, stopSequences: texts(16) },
      { temperature: 2, frequencyPenalty: 1, stopSequences: texts(16) },
    ],
    ['scripted', { temperature: 2, maxTokens: 1_000_000 }, { temperature: 2, maxTokens: 1_000_000 }],
  ])('gives %s for %j what it takes', (provider, asked, sent) => {
    const { request: adapted, warnings } = prepared(asked, provider)

    expect(adapted).toMatchObject(sent)
    const changed = Object.keys(asked).filter(
      (name) => JSON.stringify(Reflect.get(asked, name)) !== JSON.stringify(Reflect.get(sent, name)),
    )
    expect(warnings.map((warning) => warning.slice(0, warning.indexOf(':')))).toEqual(changed)
  })

  it('warns of everything that is not as it was asked, and of nothing else', async () => {
    await fc.assert(
      fc.property(
        fc.constantFrom(...vendorSchema.options),
        fc.record(
          {
            temperature: fc.double({ min: 0, max: 2, noNaN: true }),
            maxTokens: fc.integer({ min: 1, max: 100_000 }),
            topP: fc.double({ min: 0, max: 1, noNaN: true }),
            frequencyPenalty: fc.double({ min: -2, max: 2, noNaN: true }),
            presencePenalty: fc.double({ min: -2, max: 2, noNaN: true }),
            stopSequences: fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 16 }),
            reasoningEffort: fc.constantFrom('low' as const, 'high' as const),
          },
          { requiredKeys: [] },
        ),
        (provider, asked) => {
          const { request: sent, warnings } = prepared(asked, provider, {
            maxOutputTokens: 4_096,
            abilities: { reasoning: false },
          })
          const changed = generationSchema
            .keyof()
            .options.filter((name) => JSON.stringify(sent[name]) !== JSON.stringify(asked[name]))

          expect(warnings).toHaveLength(changed.length)
          expect(
            generationSchema.safeParse(Object.fromEntries(generationSchema.keyof().options.map((name) => [name, sent[name]])))
              .success,
          ).toBe(true)
          expect(prepareRequest(sent, provider, { maxOutputTokens: 4_096, abilities: { reasoning: false } }).warnings).toEqual([])
        },
      ),
    )
  })

  it('keeps to what the catalogue says of the model', () => {
    const o3 = findFacts([], { provider: 'openai', model: 'o3' })

    const { request: sent, warnings } = prepared(
      { temperature: 0.2, maxTokens: 200_000, stopSequences: ['x'], reasoningEffort: 'high' },
      'openai',
      o3,
    )

    expect(sent).toMatchObject({ temperature: undefined, stopSequences: undefined, maxTokens: 100_000, reasoningEffort: 'high' })
    expect(warnings).toHaveLength(3)
    expect(prepared({ stopSequences: ['a', 'b'] }, 'openai', { maxStopSequences: 1 }).request.stopSequences).toEqual(['a'])
    expect(prepared({ stopSequences: ['a'] }, 'openai', { maxStopSequences: 0 }).request.stopSequences).toBeUndefined()
  })

  it.each<[string, Partial<LlmRequest>, ModelFacts['abilities']]>([
    ['look at images', { messages: [{ role: 'user', content: [image] }] }, { images: false }],
    ['call tools', { tools: [tool] }, { tools: false }],
    ['be told a schema', { output: { name: 'answer', schema: {} } }, { output: false }],
  ])('refuses what the model cannot do: %s', (what, asked, abilities) => {
    expect(() => prepared(asked, 'openai', { abilities })).toThrow(
      expect.objectContaining({ code: 'validation_error', retryable: false, message: expect.stringContaining(what) }),
    )
    expect(prepared(asked, 'openai').warnings).toEqual([])
  })

  it('leaves out images of earlier turns for a model that looks at none, with a note for each, and says so', () => {
    const text = { type: 'text' as const, text: 'What is this?' }
    const messages: LlmRequest['messages'] = [
      { role: 'user', content: [text, image, image] },
      { role: 'assistant', content: 'A plan.' },
      { role: 'user', content: 'Of what?' },
    ]

    const blind = prepared({ messages }, 'openai', { abilities: { images: false } })

    expect(blind.request.messages).toEqual([
      { role: 'user', content: 'What is this?\n\n[image] [image]' },
      { role: 'assistant', content: 'A plan.' },
      { role: 'user', content: 'Of what?' },
    ])
    expect(blind.warnings).toEqual([expect.stringMatching(/^images: 2 of earlier turns left out/)])
    expect(prepared({ messages }, 'openai').request.messages).toEqual(messages)
  })

  it('refuses what is longer than the context, with the figures, and takes what fits to the last token', () => {
    const asked = { maxTokens: 8_000, messages: [{ role: 'user' as const, content: 'word '.repeat(1_000) }] }
    const gpt4 = findFacts([], { provider: 'openai', model: 'gpt-4' })

    expect(() => prepared(asked, 'openai', gpt4)).toThrow(
      expect.objectContaining({
        code: 'context_length_exceeded',
        retryable: false,
        message: expect.stringMatching(/8192 tokens.*about 1\d{3}, and 8000/),
      }),
    )
    expect(() => prepared({ maxTokens: 10 }, 'openai', { contextTokens: 16 })).not.toThrow()
    expect(() => prepared({ maxTokens: 12 }, 'openai', { contextTokens: 16 })).toThrow(/about/)
  })

  it('checks nothing of a model that nobody knows', () => {
    const asked = { messages: [{ role: 'user' as const, content: 'x'.repeat(1_000_000) }], maxTokens: 1_000_000 }

    expect(prepared(asked, 'custom')).toEqual({ request: request(asked), warnings: [] })
  })
})
