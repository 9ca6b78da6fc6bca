import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { AWS_CLIENT_CONFIG } from './aws-client-config.ts'
import { SluiceError } from './errors.ts'
import { SecretNotFoundError } from './secret-not-found-error.ts'
import type { SecretStore } from './secret-store.ts'

/** How long a warm function keeps a value, in seconds: the longest time a rotated key stays in use. */
const MAX_AGE_SECONDS = 60

/** Secrets Manager behind a short cache (Powertools parameters). */
export function secretsManagerSecretStore(): SecretStore {
  const provider = new SecretsProvider({ awsSdkV3Client: new SecretsManagerClient(AWS_CLIENT_CONFIG) })
  return {
    async read(name) {
      const value = await provider.get(name, { maxAge: MAX_AGE_SECONDS }).catch((error: unknown) => {
        const cause = (error as { cause?: { name?: string } }).cause ?? error
        if ((cause as { name?: string }).name === 'ResourceNotFoundException') throw new SecretNotFoundError(name, error)
        throw new SluiceError('unavailable', `the secret "${name}" cannot be read now`, { cause: error })
      })
      if (typeof value !== 'string' || value === '') throw new SecretNotFoundError(name)
      return value
    },
  }
}
