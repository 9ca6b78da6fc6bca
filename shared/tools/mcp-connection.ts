import {
  type AuthProvider,
  Client,
  type ClientOptions,
  type FetchLike,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import { SluiceError } from '#shared/platform/errors.ts'
import { unlessAborted } from '#shared/platform/unless-aborted.ts'
import { mcpAccess } from './mcp-access.ts'
import { fromMcpError } from './mcp-error.ts'
import { type McpTool, mcpFetch } from './mcp-fetch.ts'
import type { OAuthTokens } from './oauth-tokens.ts'
import type { ToolDependencies } from './tool-dependencies.ts'

/** Longest handshake, and longest goodbye, in milliseconds. */
const CONNECT_MS = 10_000
const GOODBYE_MS = 2_000

/** A connection to an MCP server, opened on first use. */
export type McpConnection = {
  /** @throws SluiceError as {@link fromMcpError} makes it */
  use<Result>(work: (client: Client) => Promise<Result>): Promise<Result>
  /** Secret values that were sent so far. */
  secrets(): readonly string[]
  close(): Promise<void>
}

const OPTIONS: ClientOptions = {
  capabilities: {},
  versionNegotiation: { mode: 'auto' },
  // There is no user who could answer questions of the server.
  inputRequired: { autoFulfill: false },
  listMaxPages: 20,
  // No validation of results: the schema is as untrusted as the result, and a model must expect anything.
  jsonSchemaValidator: { getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }) },
}

export function mcpConnection(
  dependencies: Pick<ToolDependencies, 'secretFor' | 'oauthClientFor' | 'allowPrivate'> & { tokens: OAuthTokens },
  definition: McpTool,
  timeoutMs: number,
): McpConnection {
  const secrets = new Set<string>()
  const onSecret = (secret: string): void => void secrets.add(secret)
  const access = mcpAccess(dependencies, definition, onSecret)
  const fetch = mcpFetch(dependencies, definition, { timeoutMs, onSecret, onRefused: (shown) => access?.refused(shown) })
  const made: Promise<Connected>[] = []
  let current: Promise<Connected> | undefined

  function connect(): Promise<Connected> {
    const connecting = handshake(
      new URL(definition.url),
      { fetch, authProvider: access?.provider },
      Math.min(CONNECT_MS, timeoutMs),
    )
    made.push(connecting)
    return connecting
  }

  return {
    async use(work) {
      current ??= connect()
      const used = current
      try {
        return await work((await used).client)
      } catch (thrown) {
        const error = fromMcpError(thrown, [...secrets])
        // The next call opens a new connection; others may still be using this one.
        if (current === used && isLost(error)) current = undefined
        throw error
      }
    },
    secrets: () => [...secrets],
    async close() {
      await Promise.all(made.map(goodbye))
    },
  }
}

type Connected = { client: Client; transport: StreamableHTTPClientTransport }

type Means = { fetch: FetchLike; authProvider: AuthProvider | undefined }

async function handshake(url: URL, { fetch, authProvider }: Means, timeout: number): Promise<Connected> {
  const client = new Client({ name: 'sluice', version: '1' }, OPTIONS)
  const transport = new StreamableHTTPClientTransport(url, { fetch, ...(authProvider && { authProvider }) })
  await client.connect(transport, { timeout })
  return { client, transport }
}

/** Whether the session is lost, as after a restart of the server, rather than one call refused. */
const isLost = (error: unknown): boolean => !(error instanceof SluiceError) || error.retryable

/** Ends a session, without waiting long for a server that does not answer. */
async function goodbye(connecting: Promise<Connected>): Promise<void> {
  const connected = await connecting.catch(() => undefined)
  if (!connected) return
  const { client, transport } = connected
  await unlessAborted(transport.terminateSession(), AbortSignal.timeout(GOODBYE_MS)).catch(() => undefined)
  await client.close().catch(() => undefined)
}
