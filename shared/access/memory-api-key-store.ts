import { encodeCursor } from '#shared/platform/cursor.ts'
import { decodeIdCursor } from '#shared/platform/id-cursor.ts'
import type { ApiKey } from '#shared/protocol/api-key.ts'
import type { ApiKeyRef, ApiKeyStore } from './api-key-store.ts'

/** API keys of one process, for tests. */
export function memoryApiKeyStore(): ApiKeyStore {
  const keys = new Map<string, { ref: ApiKeyRef; apiKey: ApiKey; hash: string }>()
  const nameOf = ({ tenant, keyId }: ApiKeyRef) => JSON.stringify([tenant, keyId])
  const ofTenant = (tenant: string) =>
    [...keys.values()]
      .filter(({ ref }) => ref.tenant === tenant)
      .map(({ apiKey }) => apiKey)
      .sort((one, other) => (one.keyId < other.keyId ? -1 : 1))

  return {
    async put(tenant, apiKey, hash) {
      const ref = { tenant, keyId: apiKey.keyId }
      keys.set(nameOf(ref), { ref, apiKey, hash })
    },
    get: async (ref) => keys.get(nameOf(ref))?.apiKey,
    find: async (hash) => [...keys.values()].find((key) => key.hash === hash)?.ref,
    async list(tenant, { limit, after }) {
      const start = after === undefined ? '' : decodeIdCursor(after)
      const rest = ofTenant(tenant).filter(({ keyId }) => keyId > start)
      const apiKeys = rest.slice(0, limit)
      const last = apiKeys.at(-1)
      return { apiKeys, ...(last && rest.length > limit && { next: encodeCursor(last.keyId) }) }
    },
    count: async (tenant) => ofTenant(tenant).length,
    remove: async (ref) => (keys.delete(nameOf(ref)) ? 'removed' : 'missing'),
    async touch(ref, lastUsedAt) {
      const known = keys.get(nameOf(ref))
      if (known) keys.set(nameOf(ref), { ...known, apiKey: { ...known.apiKey, lastUsedAt } })
    },
  }
}
