import type { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { AWS_CLIENT_CONFIG } from './aws-client-config.ts'
import { SluiceError } from './errors.ts'
import { SecretNotFoundError } from './secret-not-found-error.ts'
import type { SecretStore } from './secret-store.ts'

/** How long a warm function keeps a value, in seconds: the longest time a rotated key stays in use. */
const MAX_AGE_SECONDS = 60

/** Secrets Manager behind a short cache (Powertools parameters). The SDK is loaded with the first secret. */
export function secretsManagerSecretStore(): SecretStore {
  let loading: Promise<SecretsProvider> | undefined
  return {
    async read(name) {
      loading ??= load()
      const provider = await loading
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

async function load(): Promise<SecretsProvider> {
  const { SecretsProvider } = await import('@aws-lambda-powertools/parameters/secrets')
  const { SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager')
  return new SecretsProvider({ awsSdkV3Client: new SecretsManagerClient(AWS_CLIENT_CONFIG) })
}
