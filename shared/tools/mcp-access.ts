import type { AuthProvider } from '@modelcontextprotocol/client'
import type { OAuthClient } from '#shared/llm/oauth-client.ts'
import type { McpTool } from './mcp-fetch.ts'
import type { OAuthTokens } from './oauth-tokens.ts'
import type { ToolDependencies } from './tool-dependencies.ts'

/** How a connection presents access tokens. */
export type McpAccess = {
  /** The library asks it before each request, and once more after a 401. */
  provider: AuthProvider
  /** @param authorization - the header of a request that the server answered with 401 */
  refused(authorization: string | undefined): void
}

const SCHEME = 'Bearer '

/**
 * Access tokens for a server whose definition names an OAuth client. The library's own provider asks the server where tokens are issued, and would send
 * our credentials to whatever address it names; here the address comes from the secret.
 *
 * @param onSecret - called with every secret value before it is sent
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
      // `refused` has dropped the token already. The library tries again only if this callback exists.
      onUnauthorized: async () => undefined,
    },
    refused(authorization) {
      if (client && authorization?.startsWith(SCHEME)) tokens.refused(client, authorization.slice(SCHEME.length))
    },
  }
}
