import type { OAuthClient } from '#shared/llm/oauth-client.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { type Concealed, conceal } from '#shared/platform/concealed.ts'
import { digestOf } from '#shared/platform/digest.ts'
import { issueToken } from './issue-token.ts'

/** How long before its end a token is replaced, in milliseconds; short-lived ones after half of their life. */
const MARGIN_MS = 30_000
const MAX_TOKENS = 100

/** The access tokens of a warm container, each requested once and used until shortly before it expires. */
export type OAuthTokens = {
  /** @throws SluiceError as {@link issueToken} does */
  tokenOf(client: OAuthClient): Promise<string>
  /** The server refused the token: the next call requests a new one. */
  refused(client: OAuthClient, token: string): void
}

type Kept = { token: Promise<Concealed<string>>; issued?: Concealed<string>; until: number }

export function oauthTokens(dependencies: { allowPrivate: boolean; clock: Clock }): OAuthTokens {
  const { clock } = dependencies
  const tokens = new Map<string, Kept>()

  function ask(key: string, client: OAuthClient): Kept {
    const kept: Kept = { token: issued(), until: Number.POSITIVE_INFINITY }
    async function issued(): Promise<Concealed<string>> {
      try {
        const { token, lifetimeMs } = await issueToken(dependencies, client)
        kept.until = clock.now() + lifetimeMs - Math.min(MARGIN_MS, lifetimeMs / 2)
        kept.issued = conceal(token)
        return kept.issued
      } catch (error) {
        if (tokens.get(key) === kept) tokens.delete(key)
        throw error
      }
    }
    return kept
  }

  return {
    async tokenOf(client) {
      // A changed secret is another client, which must not use the tokens of the old one.
      const key = digestOf(client)
      const known = tokens.get(key)
      const kept = known && known.until > clock.now() ? known : ask(key, client)
      tokens.delete(key)
      tokens.set(key, kept)
      const [oldest] = tokens.keys()
      if (tokens.size > MAX_TOKENS && oldest !== undefined) tokens.delete(oldest)
      return (await kept.token).reveal()
    },
    refused(client, token) {
      const key = digestOf(client)
      // Another call may have replaced it meanwhile.
      if (tokens.get(key)?.issued?.reveal() === token) tokens.delete(key)
    },
  }
}
