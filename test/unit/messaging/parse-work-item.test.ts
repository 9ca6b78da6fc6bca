import { expect, it } from 'vitest'
import { parseWorkItem } from '#shared/messaging/parse-work-item.ts'

it('reads tenant and execution, and leaves out the rest', () => {
  expect(parseWorkItem('{"tenant":"acme","executionId":"e-1","more":true}')).toEqual({ tenant: 'acme', executionId: 'e-1' })
})

it.each([['{'], ['null'], ['{}'], ['{"tenant":"acme#","executionId":"e-1"}'], ['{"tenant":"acme","executionId":1}']])(
  'refuses %s',
  (body) => {
    expect(() => parseWorkItem(body)).toThrow(expect.objectContaining({ code: 'validation_error' }))
  },
)
