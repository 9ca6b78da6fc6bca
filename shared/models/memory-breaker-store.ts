import { WHOLE } from './breaker.ts'
import type { BreakerKey, BreakerStore, StoredBreaker } from './breaker-store.ts'

/** Breakers in memory, for tests. */
export function memoryBreakerStore(): BreakerStore {
  const stored = new Map<string, StoredBreaker & { key: BreakerKey }>()
  const nameOf = ({ tenant, provider, service, model }: BreakerKey): string => JSON.stringify([tenant, provider, service, model])
  const read = (key: BreakerKey): StoredBreaker => {
    const { breaker, revision } = stored.get(nameOf(key)) ?? { breaker: WHOLE, revision: 0 }
    return { breaker, revision }
  }
  return {
    get: async (key) => read(key),
    async put(key, breaker, revision) {
      const current = read(key)
      if (current.revision !== revision) return { ...current, written: false }
      stored.set(nameOf(key), { key, breaker, revision: revision + 1 })
      return { breaker, revision: revision + 1, written: true }
    },
    list: async (tenant) => [...stored.values()].filter(({ key }) => key.tenant === tenant),
  }
}
