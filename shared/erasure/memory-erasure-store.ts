import type { Erasure } from './erasure.ts'
import type { ErasureStore } from './erasure-store.ts'

/** Erasures of one process, for tests. */
export function memoryErasureStore(): ErasureStore {
  const erasures = new Map<string, Erasure>()
  return {
    async create(erasure) {
      const standing = erasures.get(erasure.erasureId)
      if (!standing) erasures.set(erasure.erasureId, structuredClone(erasure))
      return structuredClone(standing)
    },
    async get(erasureId) {
      return structuredClone(erasures.get(erasureId))
    },
    async save(erasure) {
      if (erasures.get(erasure.erasureId)?.revision !== erasure.revision - 1) return 'changed'
      erasures.set(erasure.erasureId, structuredClone(erasure))
      return 'saved'
    },
  }
}
