import { SecretNotFoundError } from './secret-not-found-error.ts'
import type { SecretStore } from './secret-store.ts'

/** @param secrets - texts by name; a list where a secret has a version before the current one. What is changed in it is seen at once. */
export function memorySecretStore(secrets: Record<string, string | readonly [string, string?]>): SecretStore {
  const versionsOf = (name: string) => {
    const value = secrets[name] ?? ''
    const [current, previous] = typeof value === 'string' ? [value] : value
    if (!current) throw new SecretNotFoundError(name)
    return previous ? ([current, previous] as const) : ([current] as const)
  }
  return {
    read: async (name) => versionsOf(name)[0],
    readVersions: async (name) => versionsOf(name),
  }
}
