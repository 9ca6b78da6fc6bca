import type { AuthProvider } from '@modelcontextprotocol/client'
import type { OAuthClient } from '#shared/llm/oauth-client.ts'
import type { McpTool } from './mcp-fetch.ts'
import type { OAuthTokens } from './oauth-tokens.ts'
import type { ToolDependencies } from './tool-dependencies.ts'

/** How a connection shows access tokens. */
export type McpAccess = {
  /** The library asks it before each request, and once more after a 401. */
  provider: AuthProvider
  /** @param authorization - what a request showed that the server answered with 401 */
  refused(authorization: string | undefined): void
}

const SCHEME = 'Bearer '

/**
 * Access tokens for a server whose definition names a client of OAuth. The library's own provider of client credentials asks the server where tokens are
 * issued, and would show it, or whomever it names, our credentials; here that stands in the secret.
 *
 * @param onSecret - told every secret value before it is sent
 */
export function mcpAccess(
  { oauthClientFor, tokens }: Pick<ToolDependencies, 'oauthClientFor'> & { tokens: OAuthTokens },
  { oauth, url }: McpTool,
  onSecret: (secret: string) => void,
): McpAccess | undefined {
  if (!oauth) return undefined
  let client: OAuthClient | undefined
  return {
    provider: {
      async token() {
        client = await oauthClientFor(oauth.secret, url)
        onSecret(client.clientSecret)
        const token = await tokens.tokenOf(client)
        onSecret(token)
        return token
      },
      // The token is gone already; that there is something to call makes the library try again.
      onUnauthorized: async () => undefined,
    },
    refused(authorization) {
      if (client && authorization?.startsWith(SCHEME)) tokens.refused(client, authorization.slice(SCHEME.length))
    },
  }
}
