import type { FetchLike } from '@modelcontextprotocol/client'
import { secretHeaders } from '#shared/llm/secret-headers.ts'
import { type GuardedRequest, guardedFetch } from '#shared/platform/guarded-fetch.ts'
import type { Tool } from '#shared/protocol/tool.ts'
import type { ToolDependencies } from './tool-dependencies.ts'

export type McpTool = Extract<Tool, { type: 'mcp' }>

/** Largest answer of a server that is read, in bytes. */
const MAX_ANSWER_BYTES = 1024 * 1024

export type McpFetchOptions = {
  timeoutMs: number
  onSecret(secret: string): void
  onRefused(authorization: string | undefined): void
}

/**
 * The `fetch` of the MCP client: sends the headers of the definition, and refuses private addresses. Answers are read as a whole, even streams of events,
 * which a server ends once it has answered. The stream of a server's own messages (GET) is not opened, because nobody would read it.
 *
 * @param options.onSecret - called with every secret value that is sent
 * @param options.onRefused - called with the `Authorization` header of a request that the server answered with 401
 */
export function mcpFetch(
  { secretFor, allowPrivate }: Pick<ToolDependencies, 'secretFor' | 'allowPrivate'>,
  definition: McpTool,
  { timeoutMs, onSecret, onRefused }: McpFetchOptions,
): FetchLike {
  return async (address, init = {}) => {
    const { method = 'GET' } = init
    if (method !== 'POST' && method !== 'DELETE') return new Response(null, { status: 405 })
    const url = String(address)
    const { headers, secrets } = await secretHeaders(secretFor, definition.headers ?? {}, url)
    for (const secret of secrets) onSecret(secret)
    const request: GuardedRequest = { method, headers: { ...headers, ...Object.fromEntries(new Headers(init.headers)) } }
    if (typeof init.body === 'string') request.body = init.body
    const options = { allowPrivate, timeoutMs, maxBytes: MAX_ANSWER_BYTES, ...(init.signal && { signal: init.signal }) }
    const response = await guardedFetch(url, request, options)
    if (response.status === 401) onRefused(request.headers?.authorization)
    return response
  }
}
