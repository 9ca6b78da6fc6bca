import { SecretNotFoundError } from './secret-not-found-error.ts'
import type { SecretStore } from './secret-store.ts'

export function memorySecretStore(secrets: Record<string, string>): SecretStore {
  return {
    async read(name) {
      const value = secrets[name]
      if (!value) throw new SecretNotFoundError(name)
      return value
    },
  }
}
