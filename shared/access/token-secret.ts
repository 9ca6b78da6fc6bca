import { ConfigError, SluiceError } from '#shared/platform/errors.ts'
import { SecretNotFoundError } from '#shared/platform/secret-not-found-error.ts'
import type { SecretStore } from '#shared/platform/secret-store.ts'

/** Least length of the secret: HS256 needs a key of 256 bits or more (RFC 7518, section 3.2). */
const MIN_LENGTH = 32

export type TokenSecretDependencies = {
  secrets: SecretStore
  /** Name of the secret that signs access tokens. */
  tokenSecretName: string
}

/**
 * The secret that signs access tokens. What goes wrong with it is our fault, not the caller's, and its name is not his business.
 *
 * @throws ConfigError when it is missing, empty or too short; SluiceError `unavailable` when it cannot be read now
 */
export async function readTokenSecret({ secrets, tokenSecretName }: TokenSecretDependencies): Promise<string> {
  const secret = await secrets.read(tokenSecretName).catch((error: unknown) => {
    if (error instanceof SecretNotFoundError) throw new ConfigError('the token secret is missing or empty', error)
    throw new SluiceError('unavailable', 'access tokens cannot be verified now', { cause: error })
  })
  requireStrongSecret(secret)
  return secret
}

/** @throws ConfigError when what is signed with it could be forged */
export function requireStrongSecret(secret: string, name = 'token secret'): void {
  if (secret.length < MIN_LENGTH) throw new ConfigError(`the ${name} needs at least ${MIN_LENGTH} characters`)
}
