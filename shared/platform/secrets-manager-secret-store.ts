import type { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { AWS_CLIENT_CONFIG } from './aws-client-config.ts'
import { type Clock, systemClock } from './clock.ts'
import { SluiceError } from './errors.ts'
import { lazy } from './lazy.ts'
import { SecretNotFoundError } from './secret-not-found-error.ts'
import type { SecretStore, SecretVersions } from './secret-store.ts'

/** How long a warm function keeps a value, in seconds: the longest time a rotated key stays in use. */
const MAX_AGE_SECONDS = 60

type Loaded = {
  provider: SecretsProvider
  /** One version of a secret, past every cache; undefined when there is none. */
  fetchVersion(name: string, stage: 'AWSCURRENT' | 'AWSPREVIOUS'): Promise<string | undefined>
}

/** Secrets Manager behind a short cache (Powertools parameters, which knows no versions). The SDK is loaded with the first secret. */
export function secretsManagerSecretStore(clock: Clock = systemClock): SecretStore {
  const load = lazy(loadSdk)
  const versions = new Map<string, { readAt: number; value: Promise<SecretVersions> }>()

  async function fetchVersions(name: string): Promise<SecretVersions> {
    const { fetchVersion } = await load()
    const [current, previous] = await Promise.all([fetchVersion(name, 'AWSCURRENT'), fetchVersion(name, 'AWSPREVIOUS')])
    if (!current) throw new SecretNotFoundError(name)
    return previous ? [current, previous] : [current]
  }

  return {
    async read(name) {
      const { provider } = await load()
      const value = await provider.get(name, { maxAge: MAX_AGE_SECONDS }).catch((error: unknown) => {
        if (isMissing((error as { cause?: unknown }).cause ?? error)) throw new SecretNotFoundError(name, error)
        throw unreadable(name, error)
      })
      if (typeof value !== 'string' || value === '') throw new SecretNotFoundError(name)
      return value
    },

    readVersions(name, { maxAgeSeconds = MAX_AGE_SECONDS } = {}) {
      const known = versions.get(name)
      if (known && clock.now() - known.readAt < maxAgeSeconds * 1_000) return known.value
      const value = fetchVersions(name)
      versions.set(name, { readAt: clock.now(), value })
      // What could not be read is asked for again; what was good before stays good while Secrets Manager is out.
      value.catch(() => {
        if (known) versions.set(name, known)
        else versions.delete(name)
      })
      return value
    },
  }
}

async function loadSdk(): Promise<Loaded> {
  const { SecretsProvider } = await import('@aws-lambda-powertools/parameters/secrets')
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager')
  const client = new SecretsManagerClient(AWS_CLIENT_CONFIG)
  return {
    provider: new SecretsProvider({ awsSdkV3Client: client }),
    async fetchVersion(name, VersionStage) {
      try {
        return (await client.send(new GetSecretValueCommand({ SecretId: name, VersionStage }))).SecretString
      } catch (error) {
        if (isMissing(error)) return undefined
        throw unreadable(name, error)
      }
    },
  }
}

const isMissing = (error: unknown): boolean => (error as { name?: string }).name === 'ResourceNotFoundException'

const unreadable = (name: string, cause: unknown) =>
  new SluiceError('unavailable', `the secret "${name}" cannot be read now`, { cause })
