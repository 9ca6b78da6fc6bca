import { type Schema, Validator } from '@cfworker/json-schema'
import { describe, expect, it } from 'vitest'
import { openApi } from '../../../../scripts/openapi/document.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

type Parameter = { name: string; in: string; explode?: boolean; schema: Schema }
type Described = { paths: Record<string, Record<string, { parameters: Parameter[] }>> }

const DOCUMENT: Described = JSON.parse(JSON.stringify(openApi()))

function parameterOf(path: string, method: string, name: string): Parameter {
  const found = DOCUMENT.paths[path]?.[method]?.parameters.find((parameter) => parameter.name === name)
  if (!found) throw new Error(`${method} ${path} has no parameter "${name}"`)
  return found
}

const isDescribed = ({ schema }: Parameter, value: unknown): boolean => new Validator(schema, '2020-12').validate(value).valid

describe('the description of the API takes what the function takes', () => {
  it.each([
    ['k', true],
    ['k'.repeat(256), true],
    ['a key', true],
    ['', false],
    ['k'.repeat(257), false],
    ['clé', false],
    ['a\tkey', false],
    [' ', false],
  ])('of "Idempotency-Key": %j', async (key, taken) => {
    const { call } = httpCaller()

    const { status } = await call('POST', '/v1/agents/writer/pause', { headers: { 'idempotency-key': key } })

    expect(status).toBe(taken ? 404 : 422)
    expect(isDescribed(parameterOf('/v1/agents/{agentId}/pause', 'post', 'Idempotency-Key'), key)).toBe(taken)
  })

  it.each([
    ['*', true],
    ['"3"', true],
    ['W/"3", "4.abc"', true],
    ['', false],
    ['3', false],
    ['"3" "4"', false],
  ])('of "If-Match": %j', async (tags, taken) => {
    const { call } = httpCaller()
    await call('POST', '/v1/agents', {
      body: { agentId: 'writer', name: 'Writer', llm: { provider: 'scripted', model: 'answer' } },
    })

    const { status } = await call('PATCH', '/v1/agents/writer', { headers: { 'if-match': tags }, body: { name: 'Author' } })

    expect(status === 422).toBe(!taken)
    expect(isDescribed(parameterOf('/v1/agents/{agentId}', 'patch', 'If-Match'), tags)).toBe(taken)
  })

  it.each([
    [-1, true],
    [999_999_999_999_999, true],
    [-2, false],
    [1_000_000_000_000_000, false],
  ])('of "after" of a stream: %j', async (after, taken) => {
    const { call } = httpCaller()

    const { status } = await call('GET', '/v1/topics/news/events', { query: { after: String(after) } })

    expect(status).toBe(taken ? 200 : 422)
    expect(isDescribed(parameterOf('/v1/topics/{topic}/events', 'get', 'after'), after)).toBe(taken)
  })

  it.each([
    ['execution.', true],
    ['execution.completed', true],
    ['', false],
    ['execution', false],
    ['execution.completed.', false],
  ])('of the "type" of events: %j', async (type, taken) => {
    const { call } = httpCaller()

    const { status } = await call('GET', '/v1/events', { query: { type } })

    expect(status).toBe(taken ? 200 : 422)
    expect(isDescribed(parameterOf('/v1/events', 'get', 'type'), type)).toBe(taken)
  })

  it.each<[string, string[], boolean]>([
    ['/v1/agents', ['agentId', 'status'], true],
    ['/v1/agents', ['agentId', 'tenant'], false],
    ['/v1/agents', [], false],
    ['/v1/executions', ['output'], true],
    ['/v1/executions', ['leaseOwner'], false],
    ['/v1/audit', ['time', 'action'], true],
    ['/v1/audit', ['password'], false],
  ])('of "fields" of %s: %j', async (path, fields, taken) => {
    const { call } = httpCaller()
    const parameter = parameterOf(path, 'get', 'fields')

    const { status } = await call('GET', path, { query: { fields: fields.join(',') } })

    expect(status).toBe(taken ? 200 : 422)
    expect(isDescribed(parameter, fields)).toBe(taken)
    // Separated by commas, and not one parameter each.
    expect(parameter.explode).toBe(false)
  })
})
