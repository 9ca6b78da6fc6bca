import { describe, expect, it } from 'vitest'
import { llmOverridesSchema } from '#shared/protocol/llm.ts'
import { PARAMETERS, readInput, readOverrides } from '../../../web/console/playground-form.ts'

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

  it('asks for nothing that the API does not take', () => {
    for (const { name, min, max } of PARAMETERS)
      for (const value of [min, max])
        expect(llmOverridesSchema.safeParse(readOverrides(formOf({ [name]: String(value) }))).success).toBe(true)
  })
})
