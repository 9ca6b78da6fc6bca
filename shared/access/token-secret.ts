import { ConfigError, SluiceError } from '#shared/platform/errors.ts'
import { SecretNotFoundError } from '#shared/platform/secret-not-found-error.ts'
import type { SecretStore, SecretVersions } from '#shared/platform/secret-store.ts'

/** Least length of the secret: HS256 needs a key of 256 bits or more (RFC 7518, section 3.2). */
const MIN_LENGTH = 32

export type TokenSecretDependencies = {
  secrets: SecretStore
  /** Name of the secret that signs access tokens. */
  tokenSecretName: string
}

/**
 * The secrets that access tokens may be signed with: the current one, then the one that it replaced. What goes wrong with them is our fault, not
 * the caller's, and their name is not his business.
 *
 * @param maxAgeSeconds - how old the answer may be
 * @throws ConfigError when it is missing, empty or too short; SluiceError `unavailable` when it cannot be read now
 */
export async function readTokenSecrets(
  { secrets, tokenSecretName }: TokenSecretDependencies,
  maxAgeSeconds?: number,
): Promise<SecretVersions> {
  const options = maxAgeSeconds === undefined ? {} : { maxAgeSeconds }
  const versions = await secrets.readVersions(tokenSecretName, options).catch((error: unknown) => {
    if (error instanceof SecretNotFoundError) throw new ConfigError('the token secret is missing or empty', error)
    throw new SluiceError('unavailable', 'access tokens cannot be verified now', { cause: error })
  })
  const [current, previous] = versions
  requireStrongSecret(current)
  return previous !== undefined && isStrong(previous) ? versions : [current]
}

/** @throws ConfigError when what is signed with it could be forged */
export function requireStrongSecret(secret: string, name = 'token secret'): void {
  if (!isStrong(secret)) throw new ConfigError(`the ${name} needs at least ${MIN_LENGTH} characters`)
}

const isStrong = (secret: string): boolean => secret.length >= MIN_LENGTH
