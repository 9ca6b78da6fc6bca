import { serviceSecretName } from '#shared/platform/names.ts'
import { SecretNotFoundError } from '#shared/platform/secret-not-found-error.ts'
import type { SecretStore } from '#shared/platform/secret-store.ts'
import { howToSetKey } from './key-service.ts'
import type { ProviderKey } from './provider-key.ts'
import { parseProviderKeys } from './provider-secret.ts'

export type ProviderKeysDependencies = {
  secrets: SecretStore
  /** Prefix of the secrets' names: `{platform}-{service}-secret`. */
  platform: string
  /** Service whose secret has a name, or an ARN, of its own, and the address that its keys are for where it does not say. */
  named?: { service: string; secret: string; baseUrl: string | undefined } | undefined
}

/** Reads the keys of services. A key stays the same object while its secret stays the same, so what hangs on it (a client) does too. */
export type ProviderKeys = {
  secretName(service: string): string
  /** Those of the current version, at most a minute old. @throws SecretNotFoundError, InvalidSecretError */
  current(service: string): Promise<readonly ProviderKey[]>
  /** Those of the current version as it is now, then those for the same addresses that only the version before has. @throws SecretNotFoundError, InvalidSecretError */
  versions(service: string): Promise<readonly ProviderKey[]>
}

/** However many calls are refused, Secrets Manager is asked no more often. */
const FRESH_SECONDS = 5

/** Versions of a secret whose keys are remembered: the current one and the one before. */
const VERSIONS = 2

export function providerKeys({ secrets, platform, named }: ProviderKeysDependencies): ProviderKeys {
  const parsed = new Map<string, Map<string, readonly ProviderKey[]>>()
  const isNamed = (service: string) => named?.service === service
  const secretName = (service: string) => (named && isNamed(service) ? named.secret : serviceSecretName(platform, service))

  function keysOf(service: string, text: string): readonly ProviderKey[] {
    const known = parsed.get(service) ?? new Map<string, readonly ProviderKey[]>()
    const keys = known.get(text) ?? parse(service, text)
    known.delete(text)
    parsed.set(service, known.set(text, keys))
    const [oldest] = known.size > VERSIONS ? known.keys() : []
    if (oldest !== undefined) known.delete(oldest)
    return keys
  }

  function parse(service: string, text: string): readonly ProviderKey[] {
    const keys = parseProviderKeys(secretName(service), service, text)
    return isNamed(service) ? keys.map((key) => ({ ...key, baseUrl: key.baseUrl ?? named?.baseUrl })) : keys
  }

  const missing = (service: string) => (error: unknown) => {
    throw error instanceof SecretNotFoundError ? new SecretNotFoundError(secretName(service), error, howToSetKey(service)) : error
  }

  return {
    secretName,
    async current(service) {
      return keysOf(service, await secrets.read(secretName(service)).catch(missing(service)))
    },
    async versions(service) {
      const read = secrets.readVersions(secretName(service), { maxAgeSeconds: FRESH_SECONDS })
      const [current, previous] = await read.catch(missing(service))
      const keys = keysOf(service, current)
      const before = previous === undefined ? [] : keysOf(service, previous)
      // Whoever moves to another address wants nothing sent to the one before.
      const isKept = (old: ProviderKey) => keys.some(({ baseUrl }) => baseUrl === old.baseUrl)
      return [...keys, ...before.filter((old) => isKept(old) && keys.every(({ fingerprint }) => fingerprint !== old.fingerprint))]
    },
  }
}
