import { expect, it } from 'vitest'
import { auditedPath } from '#shared/audit/audited-path.ts'
import { newId } from '#shared/platform/ids.ts'

it('keeps the ids of a path', () => {
  const path = `/v1/executions/${newId()}/cancel`

  expect(auditedPath(path)).toBe(path)
  expect(auditedPath('/v1/dead-letters/agent-support/9f8e7d6c-0a1b-4c2d-8e3f-a1b2c3d4e5f6')).toContain('/9f8e7d6c-')
  expect(auditedPath('/v1/topics/orders.eu_1')).toBe('/v1/topics/orders.eu_1')
})

it('leaves out the query', () => {
  expect(auditedPath('/socket?ticket=abc#x')).toBe('/socket')
})

it.each([
  'sk-proj-abcdefghijklmnop',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln',
  'AKIAIOSFODNN7EXAMPLE',
  'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
  'Zx81kQmP0aBcDeFgHiJkLmNoPqRsTuVw',
  'pass%20word',
  'a'.repeat(200),
  'user@example.com',
])('leaves out %s', (secret) => {
  expect(auditedPath(`/v1/agents/${secret}/start`)).toBe('/v1/agents/…/start')
})
