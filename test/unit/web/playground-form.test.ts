import { describe, expect, it } from 'vitest'
import { promptsSchema } from '#shared/protocol/agent-thought.ts'
import { generationSchema, llmOverridesSchema } from '#shared/protocol/llm.ts'
import { EFFORTS, PARAMETERS, readInput, readOverrides, readPrompts } from '../../../web/console/playground-form.ts'

const formOf = (fields: Record<string, string>): FormData => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return form
}

describe('the form of the playground', () => {
  it.each([
    ['Hello', { content: 'Hello' }],
    [' {"document_type": "invoice"} ', { document_type: 'invoice' }],
    ['[1]', { content: '[1]' }],
  ])('reads %j', (input, expected) => {
    expect(readInput(formOf({ input }))).toEqual(expected)
  })

  it('refuses an object that is not closed', () => {
    expect(() => readInput(formOf({ input: '{"a":' }))).toThrow(SyntaxError)
  })

  it('says what was filled in, and nothing else', () => {
    const form = formOf({ provider: 'openai', model: ' gpt-x ', temperature: '0', topP: '', stopSequences: 'END\n\n---' })

    expect(readOverrides(form)).toEqual({ provider: 'openai', model: 'gpt-x', temperature: 0, stopSequences: ['END', '---'] })
    expect(readOverrides(formOf({ temperature: ' ', model: '' }))).toBeUndefined()
  })

  it('takes every value within the range of a parameter, not steps alone', () => {
    const fractions = PARAMETERS.filter(({ name }) => name !== 'maxTokens')

    expect(fractions.map(({ step }) => step)).toEqual(['any', 'any', 'any', 'any'])
  })

  it('asks a reasoning model to think longer', () => {
    for (const reasoningEffort of EFFORTS) expect(readOverrides(formOf({ reasoningEffort }))).toEqual({ reasoningEffort })
    expect(generationSchema.shape.reasoningEffort.unwrap().options).toEqual(EFFORTS)
  })

  it('gives the prompts that were changed, and no others', () => {
    const own = { system: 'Be brief.\nBe kind.', userTemplate: 'About {topic}' }

    expect(
      readPrompts(formOf({ system: 'Be brief.\r\nBe kind.', userTemplate: 'About {topic}', contextInstructions: '' }), own),
    ).toBeUndefined()
    const changed = readPrompts(formOf({ system: '', userTemplate: '', contextInstructions: 'Mind it.' }), own)
    expect(changed).toEqual({ system: '', userTemplate: '{input_data}', contextInstructions: 'Mind it.' })
    expect(promptsSchema.safeParse(changed).success).toBe(true)
  })

  it('asks for nothing that the API does not take', () => {
    for (const { name, min, max } of PARAMETERS)
      for (const value of [min, max])
        expect(llmOverridesSchema.safeParse(readOverrides(formOf({ [name]: String(value) }))).success).toBe(true)
  })
})
