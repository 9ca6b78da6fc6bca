import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toolInput } from '#shared/llm/tool-input.ts'

it.each(['', '{"city":', '[1]', '"Oslo"', 'null'])('takes %s for no arguments', (json) => {
  expect(toolInput(json)).toEqual({})
})

it('keeps every object', () => {
  const names = fc.string().filter((name) => name !== '__proto__')
  fc.assert(
    fc.property(fc.dictionary(names, fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))), (input) => {
      expect(toolInput(JSON.stringify(input))).toEqual({ ...input })
    }),
  )
})
