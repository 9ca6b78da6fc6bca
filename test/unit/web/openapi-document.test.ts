import { describe, expect, it } from 'vitest'
import {
  chaptersOf,
  exampleOf,
  kindOf,
  type OpenApiDocument,
  type SchemaObject,
} from '../../../web/console/api-reference/openapi-document.ts'

const operation = (operationId: string, summary: string, tag: string) => ({ operationId, summary, tags: [tag], responses: {} })

const DOCUMENT: OpenApiDocument = {
  paths: {
    '/v1/agents': {
      get: operation('listAgents', 'Agents, by id', 'Agents'),
      post: operation('createAgent', 'Registers an agent', 'Agents'),
    },
    '/health': { get: operation('getHealth', 'Whether the API answers', 'Metrics') },
  },
  components: {
    schemas: { Node: { type: 'object', required: ['child'], properties: { child: { $ref: '#/components/schemas/Node' } } } },
  },
}

describe('chaptersOf', () => {
  const namesOf = (search: string) =>
    chaptersOf(DOCUMENT, search).map(({ name, operations }) => [name, operations.map(({ operationId }) => operationId)])

  it('groups by chapter, in the order of the document', () => {
    expect(namesOf('')).toEqual([
      ['Agents', ['listAgents', 'createAgent']],
      ['Metrics', ['getHealth']],
    ])
  })

  it('finds what has all words, wherever they stand', () => {
    expect(namesOf('POST agents')).toEqual([['Agents', ['createAgent']]])
    expect(namesOf('health  answers')).toEqual([['Metrics', ['getHealth']]])
  })

  it('leaves out chapters without any', () => {
    expect(namesOf('nothing like it')).toEqual([])
  })
})

describe('exampleOf', () => {
  it.each<[SchemaObject, unknown]>([
    [{ type: 'object', required: ['name'], properties: { name: { type: 'string' }, more: { type: 'string' } } }, { name: '' }],
    [{ type: 'integer', minimum: 5 }, 5],
    [{ type: 'string', enum: ['drain', 'cancel'] }, 'drain'],
    [{ type: 'string', default: 'here' }, 'here'],
    [{ const: 'llm' }, 'llm'],
    [{ type: 'string', examples: ['wait=10'] }, 'wait=10'],
    [{ anyOf: [{ type: 'boolean' }, { type: 'string' }] }, false],
    [{ type: 'array', items: { type: 'string' } }, []],
    [{ type: 'array', minItems: 1, items: { type: 'integer' } }, [0]],
    [{}, {}],
  ])('of %j is %j', (schema, example) => {
    expect(exampleOf(DOCUMENT, schema)).toEqual(example)
  })

  it('comes to an end where a schema refers to itself', () => {
    expect(JSON.stringify(exampleOf(DOCUMENT, { $ref: '#/components/schemas/Node' })).length).toBeLessThan(200)
  })
})

describe('kindOf', () => {
  it.each<[SchemaObject, string]>([
    [{ type: 'integer', minimum: 1, maximum: 100 }, 'integer, 1 to 100'],
    [{ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }, 'integer, at least 0'],
    [{ type: 'string', maxLength: 200 }, 'string, at most 200 characters'],
    [{ type: 'string', enum: ['drain', 'cancel'] }, '"drain" or "cancel"'],
    [{ type: 'array', items: { $ref: '#/components/schemas/Node' } }, 'list of Node'],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'string or null'],
    [{}, 'any JSON'],
  ])('of %j is "%s"', (schema, kind) => {
    expect(kindOf(DOCUMENT, schema)).toBe(kind)
  })
})
