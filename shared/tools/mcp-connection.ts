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

/** Time to shake hands, and to say goodbye, in milliseconds. */
const CONNECT_MS = 10_000
const GOODBYE_MS = 2_000

/** A connection to a server, made when it is first used. */
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
  // Nobody is there to be asked.
  inputRequired: { autoFulfill: false },
  listMaxPages: 20,
  // Output schemas are strangers' too, and what they describe goes to a model, which has to expect anything.
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
        // The next call begins with a connection of its own; others may still wait on this one.
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

/** Sessions end when servers start anew; a refusal of one call is no such thing. */
const isLost = (error: unknown): boolean => !(error instanceof SluiceError) || error.retryable

/** Ends a session; a server that does not listen is left. */
async function goodbye(connecting: Promise<Connected>): Promise<void> {
  const connected = await connecting.catch(() => undefined)
  if (!connected) return
  const { client, transport } = connected
  await unlessAborted(transport.terminateSession(), AbortSignal.timeout(GOODBYE_MS)).catch(() => undefined)
  await client.close().catch(() => undefined)
}
