import { SluiceClientError } from './errors.ts'

/** Why a token is asked for: `refresh` says that the last one was refused or is about to end. */
export interface TokenRequest {
  refresh: boolean
}

/** An access token, or where to get one; asked before every call. */
export type TokenSource = string | ((request: TokenRequest) => string | Promise<string>)

/** What a token says about itself. */
export interface TokenClaims {
  sub?: string
  tenant?: string
  scope?: string
  /** End of validity, in seconds since the epoch. */
  exp?: number
}

export interface AccessToken {
  /** False for a fixed text: asking again gives the same. */
  readonly canRefresh: boolean
  /** When the last token that was given ends, in milliseconds since the epoch; undefined when it does not say. */
  readonly expiresAt: number | undefined
  get(request?: TokenRequest): Promise<string>
}

/** Keeps to the subject and tenant of the first token: what streams have read belongs to them. */
export function createAccessToken(source: TokenSource): AccessToken {
  let expiresAt: number | undefined
  let owner: string | undefined
  return {
    canRefresh: typeof source !== 'string',
    get expiresAt() {
      return expiresAt
    },
    async get(request = { refresh: false }) {
      const token = typeof source === 'string' ? source : await source(request)
      const { exp, sub, tenant } = readClaims(token)
      const subject = sub === undefined ? owner : JSON.stringify([tenant, sub])
      owner ??= subject
      if (subject !== owner) {
        throw new SluiceClientError('unauthorized', 'the token belongs to somebody else: a client is for one subject', {
          status: 401,
        })
      }
      expiresAt = exp === undefined ? undefined : exp * 1_000
      return token
    },
  }
}

/** Claims of a JWT, unverified: the server decides, this only says when to ask for the next one. Empty for any other text. */
export function readClaims(token: string): TokenClaims {
  try {
    const payload = token.split('.')[1] ?? ''
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0))
    return JSON.parse(new TextDecoder().decode(bytes)) ?? {}
  } catch {
    return {}
  }
}
