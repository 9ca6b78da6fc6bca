import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { Operation } from '../../../web/console/api-reference/openapi-document.ts'
import { buildRequest, missingOf, toCurl } from '../../../web/console/api-reference/request.ts'

const OPERATION: Operation = {
  method: 'POST',
  path: '/v1/agents/{agentId}/stop',
  operationId: 'stopAgent',
  summary: 'Stops an agent',
  tags: ['Agents'],
  parameters: [
    { in: 'path', name: 'agentId', required: true, schema: { type: 'string' } },
    { in: 'query', name: 'limit', schema: { type: 'integer' } },
    { in: 'header', name: 'Idempotency-Key', schema: { type: 'string' } },
  ],
  requestBody: { content: { 'application/json': { schema: {} } } },
  responses: {},
}

const build = (values: Record<string, string>, body = '') =>
  buildRequest(OPERATION, { values, body }, 'https://sluice.example', 'secret')

describe('buildRequest', () => {
  it('puts each parameter in its place', () => {
    const request = build({ 'path.agentId': 'support', 'query.limit': '5', 'header.Idempotency-Key': 'k-1' }, '{}')

    expect(request).toEqual({
      method: 'POST',
      url: 'https://sluice.example/v1/agents/support/stop?limit=5',
      headers: { authorization: 'Bearer secret', 'idempotency-key': 'k-1', 'content-type': 'application/json' },
      body: '{}',
    })
  })

  it('cannot be led elsewhere by what stands in a path', () => {
    expect(build({ 'path.agentId': '../../evil?x=#' }).url).toBe('https://sluice.example/v1/agents/..%2F..%2Fevil%3Fx%3D%23/stop')
  })

  it('sends no empty parameter and no empty body', () => {
    const request = build({ 'path.agentId': 'support', 'query.limit': '' }, '  ')

    expect(request).toMatchObject({ url: 'https://sluice.example/v1/agents/support/stop', body: undefined })
    expect(request.headers).toEqual({ authorization: 'Bearer secret' })
  })
})

it('names what must be filled in', () => {
  expect(missingOf(OPERATION, { values: {}, body: '' })).toEqual(['agentId'])
  expect(missingOf(OPERATION, { values: { 'path.agentId': 'support' }, body: '' })).toEqual([])
})

describe('toCurl', () => {
  it('keeps the token out of it', () => {
    const command = toCurl(build({ 'path.agentId': 'support' }, '{}'))

    expect(command).toContain('-H "authorization: Bearer $TOKEN"')
    expect(command).not.toContain('secret')
  })

  it('means in a shell what was written, whatever it is', () => {
    const body = `{"content":"it's $HOME; \`id\` \\"quoted\\""}`
    const command = toCurl(build({ 'path.agentId': 'support' }, body)).replace(/^curl/, 'printf "%s\\n"')

    expect(execFileSync('sh', ['-c', command], { env: {} }).toString().split('\n')).toContain(body)
  })
})
