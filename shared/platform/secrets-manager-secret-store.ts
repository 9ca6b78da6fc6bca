import { getSecret } from '@aws-lambda-powertools/parameters/secrets'
import { SluiceError } from './errors.ts'
import { SecretNotFoundError } from './secret-not-found-error.ts'
import type { SecretStore } from './secret-store.ts'

/** How long a warm function keeps a value, in seconds: the longest time a rotated key stays in use. */
const MAX_AGE_SECONDS = 60

/** Secrets Manager behind a short cache (Powertools parameters). */
export function secretsManagerSecretStore(): SecretStore {
  return {
    async read(name) {
      const value = await getSecret(name, { maxAge: MAX_AGE_SECONDS }).catch((error: unknown) => {
        const cause = (error as { cause?: { name?: string } }).cause ?? error
        if ((cause as { name?: string }).name === 'ResourceNotFoundException') throw new SecretNotFoundError(name, error)
        throw new SluiceError('unavailable', `the secret "${name}" cannot be read now`, { cause: error })
      })
      if (typeof value !== 'string' || value === '') throw new SecretNotFoundError(name)
      return value
    },
  }
}
