import type { BatchKey, BatchRecord } from './batch-record.ts'
import type { BatchStore } from './batch-store.ts'

/** Batches of one process, for tests. */
export function memoryBatchStore(): BatchStore {
  const batches = new Map<string, BatchRecord>()
  const name = ({ tenant, batchId }: BatchKey): string => JSON.stringify([tenant, batchId])
  return {
    async create(record) {
      const standing = batches.get(name(record)) ?? structuredClone(record)
      batches.set(name(record), standing)
      return structuredClone(standing)
    },
    async get(key) {
      return structuredClone(batches.get(name(key)))
    },
    async settle(key, refused) {
      const standing = batches.get(name(key))
      if (standing) standing.refused ??= structuredClone(refused)
      return structuredClone(standing?.refused ?? refused)
    },
  }
}
