import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { nodeHandler } from '../../localstack/demo-mcp/node-handler.ts'

export type TestMcpServer = {
  url: string
  /** Requests so far: method of HTTP, method of the protocol, and headers. */
  requests: { http: string; method: string | undefined; headers: NodeJS.Dict<string | string[]> }[]
  close(): Promise<void>
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** A real server of the Model Context Protocol, made by its official library, over real HTTP. */
export const startMcpServer = (
  register: (server: McpServer) => void,
  options: Parameters<typeof createMcpHandler>[1] = {},
): Promise<TestMcpServer> => {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'test', version: '1.0.0' })
    register(server)
    return server
  }, options)
  return startServer(nodeHandler(handler))
}

/** A server that answers whatever a test likes. */
export async function startServer(handle: Handler): Promise<TestMcpServer> {
  const requests: TestMcpServer['requests'] = []
  const server = createServer((request, response) => {
    const { method = '', headers } = request
    requests.push({ http: method, method: String(headers['mcp-method'] ?? ''), headers })
    handle(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    requests,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
