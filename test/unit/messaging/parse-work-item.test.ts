import { expect, it } from 'vitest'
import { parseWorkItem } from '#shared/messaging/parse-work-item.ts'

it('reads tenant and execution, and leaves out the rest', () => {
  expect(parseWorkItem('{"tenant":"acme","executionId":"e-1","more":true}')).toEqual({ tenant: 'acme', executionId: 'e-1' })
})

it('reads whose queue it is, and that it has no slot yet', () => {
  const item = { tenant: 'acme', executionId: 'e-1', agentId: 'support', worker: 'support', admit: true }

  expect(parseWorkItem(JSON.stringify(item))).toEqual(item)
})

it.each(['probe', 'register'])('tells a %s from work', (kind) => {
  const item = { tenant: 'acme', agentId: 'support', [kind]: true }

  expect(parseWorkItem(JSON.stringify(item))).toEqual(item)
})

it.each([
  ['{"tenant":"acme","agentId":"support","register":false}'],
  ['{'],
  ['null'],
  ['{}'],
  ['{"tenant":"acme#","executionId":"e-1"}'],
  ['{"tenant":"acme","executionId":1}'],
])('refuses %s', (body) => {
  expect(() => parseWorkItem(body)).toThrow(expect.objectContaining({ code: 'validation_error' }))
})
