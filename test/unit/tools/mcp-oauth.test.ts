import type { McpServer } from '@modelcontextprotocol/server'
import { afterEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { oauthClientFor } from '#shared/llm/oauth-client.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import { type Tool, toolSchema } from '#shared/protocol/tool.ts'
import type { Toolbox } from '#shared/tools/toolbox.ts'
import { toolboxes } from '#shared/tools/toolboxes.ts'
import { startServer, type TestMcpServer } from '../../helpers/mcp-server.ts'
import { startProtectedServer, startTokenServer, type TokenServer } from '../../helpers/oauth-server.ts'
import { aToolCaller, callTool, toolDependencies } from '../../helpers/tools.ts'

const SECRET = 'cs-a-client-secret-0123456789'
const never = new AbortController().signal
const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function kept<Server extends { close(): Promise<void> }>(starting: Promise<Server>): Promise<Server> {
  const server = await starting
  cleanups.push(server.close)
  return server
}

function greeter(server: McpServer): void {
  server.registerTool('greet', { description: 'Greets.', inputSchema: z.object({ name: z.string() }) }, ({ name }) => ({
    content: [{ type: 'text', text: `Hello ${name}` }],
  }))
}

/** A server that takes what a token server has issued last. */
const guarded = (tokens: TokenServer, register = greeter) =>
  kept(startProtectedServer(register, (authorization) => authorization === `Bearer ${tokens.issued.at(-1)}`))

const definition = (url: string): Tool => ({ type: 'mcp', name: 'docs', url, allow: ['greet'], oauth: { secret: 'docs' } })

type Given = { tokenUrl: string; baseUrl: string; scope?: string; audience?: string }

/** A container whose secret `docs` is this one; `later` lets time pass. */
function container(given: Given | string, { allowPrivate = true } = {}) {
  const secret = typeof given === 'string' ? given : JSON.stringify({ clientId: 'sluice', clientSecret: SECRET, ...given })
  const secrets = memorySecretStore({ 'sluice-docs-secret': secret })
  let now = Date.parse('2026-11-21T14:05:33.000Z')
  const dependencies = toolDependencies({
    oauthClientFor: oauthClientFor({ secrets, platform: 'sluice' }),
    allowPrivate,
    clock: { now: () => now },
  })
  const boxes = toolboxes(dependencies)
  return {
    logger: dependencies.logger,
    later: (seconds: number) => {
      now += seconds * 1_000
    },
    async open(tool: Tool): Promise<Toolbox> {
      const toolbox = await boxes.open([tool], aToolCaller(), never)
      cleanups.push(toolbox.close)
      return toolbox
    },
  }
}

const greet = (toolbox: Toolbox) => callTool(toolbox, 'docs_greet', { name: 'Ada' })

/** What opening a server fails with. */
async function failureOf({ open }: ReturnType<typeof container>, server: TestMcpServer) {
  return open(definition(server.url)).then(
    () => Promise.reject(new Error('it was opened')),
    ({ code, message, retryable }) => ({ code, message, retryable }) as { code: string; message: string; retryable: boolean },
  )
}

const shownTo = ({ requests }: TestMcpServer) => requests.map(({ headers }) => headers.authorization)

describe('a server behind OAuth', () => {
  it('is shown a token, which the client asks for once, with what its secret says', async () => {
    const tokens = await kept(startTokenServer())
    const server = await guarded(tokens)
    const { open } = container({ tokenUrl: tokens.tokenUrl, baseUrl: server.url, scope: 'read write', audience: 'docs' })

    const results = [await greet(await open(definition(server.url))), await greet(await open(definition(server.url)))]

    expect(results).toEqual([
      { content: 'Hello Ada', isError: false },
      { content: 'Hello Ada', isError: false },
    ])
    expect(tokens.asked).toEqual([
      {
        authorization: `Basic ${Buffer.from(`sluice:${SECRET}`).toString('base64')}`,
        form: { grant_type: 'client_credentials', scope: 'read write', audience: 'docs' },
      },
    ])
    expect(new Set(shownTo(server))).toEqual(new Set([`Bearer ${tokens.issued[0]}`]))
  })

  it('is shown one token by all that call at once', async () => {
    const tokens = await kept(startTokenServer())
    const server = await guarded(tokens)
    const { open } = container({ tokenUrl: tokens.tokenUrl, baseUrl: server.url })

    await Promise.all([1, 2, 3].map(async () => greet(await open(definition(server.url)))))

    expect(tokens.asked).toHaveLength(1)
  })

  it('is shown another one shortly before the first ends', async () => {
    const tokens = await kept(startTokenServer())
    const server = await guarded(tokens)
    const { open, later } = container({ tokenUrl: tokens.tokenUrl, baseUrl: server.url })
    const toolbox = await open(definition(server.url))

    later(3_569)
    await greet(toolbox)
    const before = tokens.asked.length
    later(2)
    await greet(toolbox)

    expect([before, tokens.asked.length]).toEqual([1, 2])
  })

  it('that refuses a token is shown another one, once', async () => {
    const tokens = await kept(startTokenServer())
    const server = await guarded(tokens)
    const { open } = container({ tokenUrl: tokens.tokenUrl, baseUrl: server.url })
    const toolbox = await open(definition(server.url))
    tokens.issued.push('revoked')

    const result = await greet(toolbox)

    expect(result).toEqual({ content: 'Hello Ada', isError: false })
    expect(tokens.asked).toHaveLength(2)
  })

  it('that refuses every token is given up after the second', async () => {
    const tokens = await kept(startTokenServer())
    const server = await kept(startProtectedServer(greeter, () => false))

    const failure = await failureOf(container({ tokenUrl: tokens.tokenUrl, baseUrl: server.url }), server)

    expect(failure).toMatchObject({ code: 'authentication_error' })
    expect(tokens.asked).toHaveLength(2)
    expect(server.requests).toHaveLength(2)
  })

  it('that wants another scope says so', async () => {
    const tokens = await kept(startTokenServer())
    const challenge = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="admin"' }
    const server = await kept(
      startProtectedServer(
        greeter,
        () => false,
        (_, response) => void response.writeHead(403, challenge).end(),
      ),
    )

    const failure = await failureOf(container({ tokenUrl: tokens.tokenUrl, baseUrl: server.url }), server)

    expect(failure).toMatchObject({ code: 'authentication_error', message: expect.stringContaining('scope') })
    expect(tokens.asked).toHaveLength(1)
  })
})

describe('credentials', () => {
  it('are for the origin of the secret: no other server is shown a token, nor is one asked for', async () => {
    const tokens = await kept(startTokenServer())
    const server = await guarded(tokens)

    const failure = await failureOf(container({ tokenUrl: tokens.tokenUrl, baseUrl: 'https://docs.example.com' }), server)

    expect(failure).toMatchObject({ code: 'authentication_error', message: expect.stringContaining('is not for') })
    expect([tokens.asked, server.requests]).toEqual([[], []])
  })

  it('go nowhere that a server names as where its tokens are issued', async () => {
    const [tokens, thief] = [await kept(startTokenServer()), await kept(startTokenServer())]
    const challenge = { 'www-authenticate': `Bearer resource_metadata="${thief.url}"` }
    const server = await kept(
      startProtectedServer(
        greeter,
        () => false,
        (_, response) => void response.writeHead(401, challenge).end(),
      ),
    )

    await failureOf(container({ tokenUrl: tokens.tokenUrl, baseUrl: server.url }), server)

    expect(thief.requests).toEqual([])
  })

  it.each([307, 308])('and tokens follow no redirect (%i), of the token endpoint or of the server', async (status) => {
    const thief = await kept(startTokenServer())
    const redirecting = await kept(startTokenServer(() => ({ status, headers: { location: thief.tokenUrl }, body: '' })))
    const tokens = await kept(startTokenServer())
    const server = await guarded(tokens)
    const leading = await kept(
      startServer(async (request, response) => {
        request.resume()
        response.writeHead(status, { location: thief.url }).end()
      }),
    )

    const failures = [
      await failureOf(container({ tokenUrl: redirecting.tokenUrl, baseUrl: server.url }), server),
      await failureOf(container({ tokenUrl: tokens.tokenUrl, baseUrl: leading.url }), leading),
    ]

    expect(failures[0]).toMatchObject({ code: 'authentication_error', message: expect.stringContaining('redirects') })
    expect(thief.requests).toEqual([])
  })

  it('do not go to a private network, but on the local stage', async () => {
    const tokens = await kept(startTokenServer())
    const inside = container({ tokenUrl: tokens.tokenUrl, baseUrl: 'https://example.com' }, { allowPrivate: false })
    const outside = { requests: [], url: 'https://example.com/mcp', close: async () => undefined }

    const failure = await failureOf(inside, outside)

    expect(failure).toMatchObject({ code: 'validation_error', message: expect.stringContaining('"sluice-docs-secret"') })
    expect(failure.message).not.toContain('127.0.0.1')
    expect(tokens.requests).toEqual([])
  })

  it.each<[string, { status?: number; body: unknown }, string]>([
    ['a client that is refused', { status: 401, body: { error: 'invalid_client', error_description: SECRET } }, 'invalid_client'],
    ['a scope that is not granted', { status: 400, body: { error: 'invalid_scope' } }, 'invalid_scope'],
    ['a refusal that repeats what it was sent', { status: 400, body: { error: SECRET } }, 'status 400'],
    ['no token', { body: { token_type: 'Bearer' } }, 'no bearer token'],
    ['a token of another type', { body: { access_token: 'x', token_type: 'mac' } }, 'no bearer token'],
    ['a token that no header takes', { body: { access_token: 'a\r\nb', token_type: 'Bearer' } }, 'no bearer token'],
    ['no JSON', { body: `<p>${SECRET}</p>` }, 'no bearer token'],
    ['an error of its own', { status: 500, body: SECRET }, 'status 500'],
    ['a page without an end', { body: 'x'.repeat(100_000) }, 'payload_too_large'],
  ])('are not told by a token endpoint that answers %s', async (_, answer, why) => {
    const tokens = await kept(startTokenServer(() => answer))
    const server = await guarded(tokens)
    const { logger, ...rest } = container({ tokenUrl: tokens.tokenUrl, baseUrl: server.url })

    const failure = await failureOf({ logger, ...rest }, server)

    expect(failure.message).toContain(why)
    expect(failure.message).toContain('"sluice-docs-secret"')
    expect(JSON.stringify([failure, logger.lines])).not.toContain(SECRET)
    expect(server.requests).toEqual([])
  })

  it('are hidden where a server repeats them, the token too', async () => {
    const tokens = await kept(startTokenServer())
    const server = await guarded(tokens, (mcp) => {
      mcp.registerTool('greet', { description: 'Greets.', inputSchema: z.object({ name: z.string() }) }, ({ name }) => {
        if (name === 'Eve') throw new Error(`bad token ${tokens.issued.at(-1)}`)
        return { content: [{ type: 'text', text: `${tokens.issued.at(-1)} ${encodeURIComponent(SECRET)}` }] }
      })
    })
    const { open, logger } = container({ tokenUrl: tokens.tokenUrl, baseUrl: server.url })
    const toolbox = await open(definition(server.url))

    const shown = [await greet(toolbox), await callTool(toolbox, 'docs_greet', { name: 'Eve' })]

    expect(shown[0]?.content).toBe('[redacted] [redacted]')
    expect(JSON.stringify([shown, logger.lines])).not.toContain(tokens.issued[0])
  })

  it.each([
    ['a key', 'sk-0123456789'],
    ['a client without an address', JSON.stringify({ tokenUrl: 'https://a.example', clientId: 'a', clientSecret: SECRET })],
    [
      'a field too many',
      JSON.stringify({
        tokenUrl: 'https://a.example',
        baseUrl: 'https://b.example',
        clientId: 'a',
        clientSecret: SECRET,
        apiKey: 'x',
      }),
    ],
  ])('are refused where a secret holds %s, without a word of it', async (_, secret) => {
    const server = await kept(startProtectedServer(greeter, () => true))

    const failure = await failureOf(container(secret), server)

    expect(failure).toMatchObject({ code: 'authentication_error', message: expect.stringContaining('"tokenUrl"') })
    expect(failure.message).not.toContain(secret)
    expect(failure.message).not.toContain(SECRET)
    expect(server.requests).toEqual([])
  })
})

describe('a definition', () => {
  it('shows one credential: a header of its own and a token do not go together', () => {
    const both = { ...definition('https://docs.example.com/mcp'), headers: { Authorization: { secret: 'docs' } } }

    expect(toolSchema.safeParse(both).error?.issues).toMatchObject([{ path: ['headers'] }])
    expect(toolSchema.safeParse({ ...both, headers: { 'x-team': 'docs' } }).success).toBe(true)
  })
})
