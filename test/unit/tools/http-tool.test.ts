import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { type Tool, toolSchema } from '#shared/protocol/tool.ts'
import type { ToolDependencies } from '#shared/tools/tool-dependencies.ts'
import { toolboxes } from '#shared/tools/toolboxes.ts'
import { startServer, type TestMcpServer } from '../../helpers/mcp-server.ts'
import { aSecretFor, aToolCaller, callTool, toolDependencies } from '../../helpers/tools.ts'

const KEY = 'sk-not-a-real-key-0123456789'
const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

type Answer = { status?: number; headers?: Record<string, string>; body?: string }
type Seen = { method: string | undefined; url: string | undefined; body: string; headers: NodeJS.Dict<string | string[]> }

async function serve(answer: Answer | ((seen: Seen) => Answer)): Promise<TestMcpServer & { seen: Seen[]; origin: string }> {
  const seen: Seen[] = []
  const server = await startServer(async (request, response) => {
    const one = { method: request.method, url: request.url, body: await text(request), headers: request.headers }
    seen.push(one)
    const {
      status = 200,
      headers = { 'content-type': 'application/json' },
      body,
    } = typeof answer === 'function' ? answer(one) : answer
    response.writeHead(status, headers).end(body)
  })
  cleanups.push(server.close)
  return { ...server, seen, origin: new URL(server.url).origin }
}

const aTool = (overrides: object): Tool =>
  toolSchema.parse({ type: 'http', name: 'orders', description: 'Orders.', ...overrides })

const openTool = (tool: Tool, overrides: Partial<ToolDependencies> = {}) =>
  toolboxes(toolDependencies(overrides)).open([tool], aToolCaller(), new AbortController().signal)

describe('an HTTP tool', () => {
  it('puts what does not stand in the address into the query, and sends no key with what changes nothing', async () => {
    const server = await serve({ body: '{"ok":true}' })
    const parameters = {
      type: 'object',
      properties: { id: { type: 'string' }, tags: { type: 'array' }, page: { type: 'integer' } },
    }
    const toolbox = await openTool(aTool({ url: `${server.origin}/orders/{id}`, parameters }))

    const result = await callTool(toolbox, 'orders', { id: 'A/1', tags: ['x', 'y'], page: 2 })

    expect(result).toEqual({ content: '{"ok":true}', isError: false })
    expect(server.seen).toMatchObject([{ method: 'GET', url: '/orders/A%2F1?tags=x&tags=y&page=2', body: '' }])
    expect(server.seen[0]?.headers['idempotency-key']).toBeUndefined()
  })

  it.each(['POST', 'PUT', 'PATCH'])('sends a JSON body with %s, and the key of the call', async (method) => {
    const server = await serve({ body: '{}' })
    const toolbox = await openTool(aTool({ method, url: `${server.origin}/orders/{id}`, parameters: { type: 'object' } }))

    await callTool(toolbox, 'orders', { id: '7', note: 'hi' }, { key: 'execution:call_9' })

    expect(server.seen).toMatchObject([{ method, url: '/orders/7', body: '{"note":"hi"}' }])
    expect(server.seen[0]?.headers).toMatchObject({ 'idempotency-key': 'execution:call_9', 'content-type': 'application/json' })
  })

  it('asks the model for the arguments of the address where nothing else is said', async () => {
    const toolbox = await openTool(aTool({ url: 'https://api.example.com/orders/{id}?q={q}' }))

    expect(toolbox.tools[0]?.parameters).toMatchObject({
      properties: { id: { type: 'string' }, q: { type: 'string' } },
      required: ['id'],
    })
    expect(toolbox.check({ callId: 'c', toolName: 'orders', arguments: '{}' })).toMatchObject({ ok: false })
  })

  it('tells the model of an error of the service, with its status', async () => {
    const server = await serve({ status: 404, body: '{"error":"no such order"}' })

    const result = await callTool(await openTool(aTool({ url: `${server.origin}/orders` })), 'orders', {})

    expect(result).toEqual({ content: 'HTTP 404: {"error":"no such order"}', isError: true })
  })

  it('follows no redirect', async () => {
    const inside = await serve({ body: 'inside' })
    const server = await serve({ status: 302, headers: { location: `${inside.origin}/` } })

    const result = await callTool(await openTool(aTool({ url: `${server.origin}/orders` })), 'orders', {})

    expect(result).toEqual({ content: 'HTTP 302 (redirects are not followed)', isError: true })
    expect(inside.seen).toEqual([])
  })

  it('shows no bytes that are no text', async () => {
    const server = await serve({ headers: { 'content-type': 'image/png' }, body: 'PNG' })

    const result = await callTool(await openTool(aTool({ url: `${server.origin}/` })), 'orders', {})

    expect(result).toEqual({ content: 'unsupported: it answered with 3 bytes of image/png, which is no text', isError: true })
  })

  it('reads no more than it may', async () => {
    const server = await serve({ body: 'x'.repeat(1024 * 1024 + 1) })

    const result = await callTool(await openTool(aTool({ url: `${server.origin}/` })), 'orders', {})

    expect(result).toMatchObject({ isError: true, content: expect.stringContaining('payload_too_large') })
  })

  it('calls no private address, but on the local stage', async () => {
    const server = await serve({ body: 'inside' })
    for (const origin of [server.origin, server.origin.replace('http:', 'https:'), 'https://169.254.169.254', 'https://[::1]']) {
      const toolbox = await openTool(aTool({ url: `${origin}/latest` }), { allowPrivate: false })

      expect(await callTool(toolbox, 'orders', {})).toMatchObject({
        isError: true,
        content: expect.stringMatching(/^validation_error: /),
      })
    }
    expect(server.seen).toEqual([])
  })

  it('sends the value of a secret, and never shows it', async () => {
    const server = await serve(({ headers }) => ({
      body: JSON.stringify({ youSent: headers.authorization, again: encodeURIComponent(KEY) }),
    }))
    const headers = { authorization: { secret: 'orders', prefix: 'Bearer ' }, 'x-team': 'blue' }
    const toolbox = await openTool(aTool({ url: `${server.origin}/`, headers }), { secretFor: aSecretFor(KEY, server.origin) })

    const result = await callTool(toolbox, 'orders', {})

    expect(server.seen[0]?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'x-team': 'blue' })
    expect(result.content).toBe('{"youSent":"Bearer [redacted]","again":"[redacted]"}')
  })

  it('does not show it where a server says what its answer is', async () => {
    const server = await serve({ headers: { 'content-type': `image/${KEY}` }, body: 'PNG' })
    const headers = { authorization: { secret: 'orders' } }
    const toolbox = await openTool(aTool({ url: `${server.origin}/`, headers }), { secretFor: aSecretFor(KEY, server.origin) })

    expect((await callTool(toolbox, 'orders', {})).content).toBe(
      'unsupported: it answered with 3 bytes of image/[redacted], which is no text',
    )
  })

  it('sends no secret to an origin that the secret does not name', async () => {
    const server = await serve({ body: '{}' })
    const tool = aTool({ url: `${server.origin}/`, headers: { authorization: { secret: 'orders' } } })

    const result = await callTool(
      await openTool(tool, { secretFor: aSecretFor(KEY, 'https://orders.example.com') }),
      'orders',
      {},
    )

    expect(result).toMatchObject({ isError: true, content: expect.stringContaining('authentication_error') })
    expect(server.seen).toEqual([])
  })
})
