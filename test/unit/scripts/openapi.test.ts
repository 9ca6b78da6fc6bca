import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { ERROR_STATUS } from '#shared/protocol/error-codes.ts'
import { ROUTES } from '../../../functions/http/route-table.ts'
import { openApi } from '../../../scripts/openapi/document.ts'
import { operationsPage } from '../../../scripts/openapi/operations-page.ts'
import { DOCUMENT, undescribed } from '../../helpers/described-answers.ts'

const FILE = join(import.meta.dirname, '../../../functions/http/openapi.json')
const PAGE = join(import.meta.dirname, '../../../docs/api-operations.md')
const operations = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
)

describe('the description of the API', () => {
  it('is served as "npm run docs:openapi" writes it', () => {
    expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(openApi())
  })

  it('is a page of the documents, as "npm run docs:openapi" writes it', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(operationsPage())
  })

  it('is what the JSON Schema of OpenAPI 3.1 says', async () => {
    const validator = new Validator()

    expect(await validator.validate(openApi())).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
    expect((await new Validator().validate({ ...openApi(), paths: { agents: {} } })).valid).toBe(false)
  })

  it('has every route, under a name of its own', () => {
    const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    const served = ROUTES.map(({ method, path }) => `${method} ${path.replace('{proxy+}', '{path}')}`)
    const names = operations.map(({ operationId }) => operationId)

    expect(described.toSorted()).toEqual(served.toSorted())
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    expect(names.filter((name) => !/^[a-z][A-Za-z]+$/.test(name))).toEqual([])
  })

  it('has a parameter for every name in a path', () => {
    for (const { path, operationId, ...operation } of operations) {
      const { parameters = [] } = operation as { parameters?: { in: string; name: string }[] }
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
      expect(inPath.toSorted(), operationId).toEqual([...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name).toSorted())
    }
  })

  it('names every error code that the API may answer with', () => {
    const text = JSON.stringify(operations.map(({ responses }) => responses))
    const unnamed = Object.keys(ERROR_STATUS).filter((code) => !text.includes(`\`${code}\``))

    // Most stand in an execution, or in its stream; an operation that is there has its method.
    expect(unnamed.toSorted()).toEqual(OF_NO_OPERATION.toSorted())
  })

  it('refers to nothing that is not there', () => {
    for (const [, name = ''] of JSON.stringify(openApi()).matchAll(/"#\/components\/schemas\/([^"/]+)/g))
      expect(DOCUMENT.components.schemas, name).toHaveProperty(name)
  })
})

const OF_NO_OPERATION = [
  'budget_exceeded',
  'agent_paused',
  'cancelled',
  'content_filter',
  'context_length_exceeded',
  'depth_exceeded',
  'expired',
  'invalid_output',
  'method_not_allowed',
  'network_error',
  'provider_error',
]

describe('undescribed', () => {
  const problem = { type: 'urn', title: '', status: 404, detail: '', code: 'not_found' }

  it.each<[string, string, string, { status: number; body: unknown }]>([
    ['a status', 'GET', '/v1/agents/a', { status: 418, body: {} }],
    ['an error code', 'GET', '/v1/agents/a', { status: 404, body: { ...problem, code: 'conflict' } }],
    ['a field', 'GET', '/v1/agents/a/queue', { status: 200, body: { open: true, limit: 1, active: 0, waiting: 0, more: 1 } }],
    ['a missing field', 'GET', '/v1/agents/a/queue', { status: 200, body: { open: true } }],
  ])('finds %s', (_what, method, path, answer) => {
    expect(undescribed(method, path, answer)).toBeTypeOf('string')
  })

  it('finds nothing in what is right', () => {
    const body = { open: true, limit: 1, active: 0, waiting: 0 }

    expect(undescribed('GET', '/v1/agents/a/queue', { status: 200, body })).toBeUndefined()
    expect(undescribed('GET', '/v1/agents/a', { status: 404, body: problem })).toBeUndefined()
  })
})
