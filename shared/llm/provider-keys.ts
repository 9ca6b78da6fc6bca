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
  /** A service whose secret has a name or ARN of its own, and the address for its keys if the secret names none. */
  named?: { service: string; secret: string; baseUrl: string | undefined } | undefined
}

/** Reads the keys of services. As long as a secret does not change, its keys stay the same objects, so that clients can be cached by key. */
export type ProviderKeys = {
  secretName(service: string): string
  /** The keys of the current version, read at most a minute ago. @throws SecretNotFoundError, InvalidSecretError */
  current(service: string): Promise<readonly ProviderKey[]>
  /**
   * The keys of the current version, read now, followed by those that only the previous version has, as far as they are for the same address.
   *
   * @throws SecretNotFoundError, InvalidSecretError
   */
  versions(service: string): Promise<readonly ProviderKey[]>
}

/** Secrets Manager is read at most once in this time, however many calls are refused. */
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
      // After a move to another address nothing must be sent to the old one.
      const isKept = (old: ProviderKey) => keys.some(({ baseUrl }) => baseUrl === old.baseUrl)
      return [...keys, ...before.filter((old) => isKept(old) && keys.every(({ fingerprint }) => fingerprint !== old.fingerprint))]
    },
  }
}
