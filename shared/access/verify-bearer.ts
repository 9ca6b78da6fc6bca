import { decodeJwt, errors } from 'jose'
import { UnauthorizedError } from '#shared/platform/errors.ts'
import { API_KEY_PREFIX } from './api-key-text.ts'
import type { AccessDependencies } from './authenticate.ts'
import { verifyToken } from './token.ts'
import { readTokenSecrets } from './token-secret.ts'
import type { VerifiedPrincipal } from './verified-principal.ts'

/** Longest token that is looked at, in characters: a gateway takes no larger headers, a frame could. */
const MAX_TOKEN_LENGTH = 8_192
/**
 * How old the secrets may be that a token is refused by, in seconds. One that was signed with a secret of a moment ago is good at once, and forged
 * ones make us ask for the secrets no more often than this.
 */
const REFUSAL_MAX_AGE_SECONDS = 5

/**
 * Who a bearer token or an API key speaks for. The issuer that a token names decides who verifies it, and nothing else: it is believed only once the
 * signature is.
 *
 * @throws UnauthorizedError, ConfigError; SluiceError `unavailable`
 */
export async function verifyBearer(token: string, dependencies: AccessDependencies): Promise<VerifiedPrincipal> {
  if (token.startsWith(API_KEY_PREFIX)) return (await dependencies.apiKeys()).verify(token)
  if (token.length > MAX_TOKEN_LENGTH) throw new UnauthorizedError('the access token is not valid')
  const { oidc } = dependencies
  if (oidc && issuerOf(token) === oidc.issuer) return oidc.verify(token)
  return verifyOwn(token, dependencies)
}

async function verifyOwn(token: string, dependencies: AccessDependencies): Promise<VerifiedPrincipal> {
  const { clock } = dependencies
  const known = await readTokenSecrets(dependencies)
  try {
    return await verifyToken(token, known, clock)
  } catch (error) {
    const isForeign = error instanceof UnauthorizedError && error.cause instanceof errors.JWSSignatureVerificationFailed
    if (!isForeign) throw error
    const fresh = await readTokenSecrets(dependencies, REFUSAL_MAX_AGE_SECONDS)
    if (fresh.every((secret) => known.includes(secret))) throw error
    return verifyToken(token, fresh, clock)
  }
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}
