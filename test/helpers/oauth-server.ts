import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { nodeHandler } from '../../localstack/demo-mcp/node-handler.ts'
import { startServer, type TestMcpServer } from './mcp-server.ts'

/** What was asked of a token endpoint. */
export type TokenRequest = { authorization: string | undefined; form: Record<string, string> }

export type TokenServer = TestMcpServer & {
  tokenUrl: string
  asked: TokenRequest[]
  /** Tokens that are good, the last one is the newest. */
  issued: string[]
}

type Answer = { status?: number; headers?: Record<string, string>; body: unknown }

/** A token endpoint. It issues `at-0001-…`, `at-0002-…`, unless a test says what it answers. */
export async function startTokenServer(answer?: (request: TokenRequest) => Answer): Promise<TokenServer> {
  const asked: TokenRequest[] = []
  const issued: string[] = []
  const issue = (): Answer => {
    issued.push(`at-${String(asked.length).padStart(4, '0')}-of-a-token-server`)
    return { body: { access_token: issued.at(-1), token_type: 'Bearer', expires_in: 3_600 } }
  }
  const server = await startServer(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)))
    asked.push({ authorization: request.headers.authorization, form })
    const { status = 200, headers = {}, body } = (answer ?? issue)(asked.at(-1) ?? { authorization: undefined, form })
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  return { ...server, tokenUrl: server.url.replace('/mcp', '/token'), asked, issued }
}

/** A server of the Model Context Protocol that answers those who show what `isGood` takes. */
export function startProtectedServer(
  register: (server: McpServer) => void,
  isGood: (authorization: string | undefined) => boolean,
  refuse = (_: IncomingMessage, response: ServerResponse): void => void response.writeHead(401).end(),
): Promise<TestMcpServer> {
  const serve = nodeHandler(
    createMcpHandler(() => {
      const server = new McpServer({ name: 'test', version: '1.0.0' })
      register(server)
      return server
    }),
  )
  return startServer(async (request, response) => {
    if (isGood(request.headers.authorization)) return serve(request, response)
    request.resume()
    refuse(request, response)
  })
}
