import { describe, expect, it } from 'vitest'
import { requireTools } from '#shared/agents/require-tools.ts'
import { toolsFromOpenapi } from '#shared/tools/tools-from-openapi.ts'

const SHOP = {
  openapi: '3.1.0',
  servers: [{ url: 'https://shop.example.com/v1/' }],
  paths: {
    '/orders/{orderId}': {
      parameters: [{ $ref: '#/components/parameters/OrderId' }],
      get: {
        operationId: 'getOrder',
        summary: 'Reads an order.',
        parameters: [
          { name: 'expand', in: 'query', schema: { type: 'string' } },
          { name: 'x-trace', in: 'header' },
        ],
      },
      put: {
        operationId: 'orders.change',
        parameters: [{ name: 'dryRun', in: 'query', schema: { type: 'boolean' } }],
        requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/Change' } } } },
      },
      delete: { operationId: 'wantsHeader', parameters: [{ name: 'if-match', in: 'header', required: true }] },
      patch: { operationId: 'wantsXml', requestBody: { required: true, content: { 'application/xml': {} } } },
      post: {
        operationId: 'clashes',
        requestBody: { content: { 'application/json': { schema: { type: 'object', properties: { orderId: {} } } } } },
      },
    },
    '/tree': {
      post: {
        operationId: 'grows',
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Tree' } } } },
      },
      get: { operationId: 'outside', parameters: [{ $ref: 'https://evil.example/p.json' }] },
    },
  },
  components: {
    parameters: {
      OrderId: { name: 'orderId', in: 'path', required: true, description: 'As A-1001.', schema: { type: 'string' } },
    },
    schemas: {
      Change: {
        type: 'object',
        properties: { lines: { type: 'array', items: { $ref: '#/components/schemas/Line' } } },
        required: ['lines'],
      },
      Line: { type: 'object', properties: { sku: { type: 'string' } } },
      Tree: { type: 'object', properties: { child: { $ref: '#/components/schemas/Tree' } } },
    },
  },
}

describe('toolsFromOpenapi', () => {
  it('makes a tool of an operation with parameters', () => {
    const tools = toolsFromOpenapi(SHOP, ['getOrder'])

    expect(tools).toEqual([
      {
        type: 'http',
        name: 'getOrder',
        description: 'Reads an order.',
        method: 'GET',
        url: 'https://shop.example.com/v1/orders/{orderId}',
        parameters: {
          type: 'object',
          properties: { orderId: { type: 'string', description: 'As A-1001.' }, expand: { type: 'string' } },
          required: ['orderId'],
        },
      },
    ])
    expect(() => requireTools(tools)).not.toThrow()
  })

  it('makes the fields of a body arguments, without references', () => {
    const [tool] = toolsFromOpenapi(SHOP, ['orders.change'])

    expect(tool).toMatchObject({
      name: 'orders_change',
      method: 'PUT',
      url: 'https://shop.example.com/v1/orders/{orderId}?dryRun={dryRun}',
      parameters: {
        properties: { lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' } } } } },
        required: ['orderId', 'lines'],
      },
    })
  })

  it.each([
    ['wantsHeader', 'unsupported', 'the required header "if-match"'],
    ['wantsXml', 'unsupported', 'a body that is no JSON'],
    ['clashes', 'unsupported', 'the name "orderId"'],
    ['grows', 'unsupported', 'refers to itself'],
    ['outside', 'unsupported', 'leads out of the document'],
    ['sings', 'validation_error', 'there are: getOrder, '],
  ])('says why %s is no tool', (operation, code, said) => {
    expect(() => toolsFromOpenapi(SHOP, [operation])).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(said) }),
    )
  })

  it.each([
    ['another version', { ...SHOP, openapi: '2.0' }],
    ['no server', { ...SHOP, servers: [] }],
    ['a server without a host', { ...SHOP, servers: [{ url: '/v1' }] }],
    ['a server whose host is an argument', { ...SHOP, servers: [{ url: 'https://{region}.example.com' }] }],
    ['no object', []],
  ])('refuses a description with %s', (_, document) => {
    expect(() => toolsFromOpenapi(document, ['getOrder'])).toThrow(expect.objectContaining({ code: 'validation_error' }))
  })
})
