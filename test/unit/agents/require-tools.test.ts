import { describe, expect, it } from 'vitest'
import { requireTools } from '#shared/agents/require-tools.ts'
import { type Tool, toolSchema } from '#shared/protocol/tool.ts'

const http = (overrides: object = {}) => ({
  type: 'http',
  name: 'get',
  description: 'Gets.',
  url: 'https://api.example.com/',
  ...overrides,
})
const parse = (tool: object): Tool => toolSchema.parse(tool)

describe('requireTools', () => {
  it('lets tools through that can work', () => {
    const parameters = { type: 'object', properties: { id: { type: 'string' } } }
    const tools = [
      http({ url: 'https://api.example.com/{id}', parameters, headers: { authorization: { secret: 'shop' } } }),
      { type: 'builtin', name: 'fetch', hosts: ['example.com', '*.example.com', 'localhost:8080'] },
      { type: 'mcp', name: 'docs', url: 'https://docs.example.com/mcp', allow: ['search'] },
    ].map(parse)

    expect(() => requireTools(tools)).not.toThrow()
  })

  it.each([
    ['tools.0.hosts', { type: 'builtin', name: 'fetch' }],
    ['tools.0.hosts', { type: 'builtin', name: 'fetch', hosts: ['https://example.com'] }],
    ['tools.0.hosts', { type: 'builtin', name: 'fetch', hosts: ['*'] }],
    ['tools.0.hosts', { type: 'builtin', name: 'recall', hosts: ['example.com'] }],
    ['tools.0.parameters', http({ parameters: { type: 'string' } })],
    ['tools.0.parameters', http({ parameters: { type: 'object', description: 'x'.repeat(17_000) } })],
    ['tools.0.parameters.properties.id.type', http({ parameters: { type: 'object', properties: { id: { type: 'text' } } } })],
    ['tools.0.parameters.properties.id.pattern', http({ parameters: { type: 'object', properties: { id: { pattern: '(' } } } })],
    [
      'tools.0.parameters.properties.id.$ref',
      http({ parameters: { type: 'object', properties: { id: { $ref: 'https://evil.example/schema.json' } } } }),
    ],
    ['tools.0.url', http({ url: 'https://api.example.com/{id}', parameters: { type: 'object', properties: { name: {} } } })],
  ])('names what cannot work: %s', (path, tool) => {
    expect(() => requireTools([parse(tool)])).toThrow(expect.objectContaining({ fields: [expect.objectContaining({ path })] }))
  })

  it('refuses more than a model can be told with every call', () => {
    const tools = Array.from({ length: 5 }, (_, place) =>
      parse(http({ name: `t${place}`, parameters: { type: 'object', description: 'x'.repeat(15_000) } })),
    )

    expect(() => requireTools(tools)).toThrow(expect.objectContaining({ fields: [expect.objectContaining({ path: 'tools' })] }))
  })
})

describe('the address of a tool', () => {
  it.each(['https://{host}/', 'https://api.example.com{path}', 'https://me@example.com/', 'https://api.example.com/#{a}', 'x'])(
    'is refused with its definition: %s',
    (url) => {
      expect(toolSchema.safeParse(http({ url })).success).toBe(false)
    },
  )
})
