import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import type { ResponseCacheStore, ResponseKey } from './response-cache-store.ts'

/** Answers in memory, for tests. */
export function memoryResponseCacheStore(): ResponseCacheStore {
  const stored = new Map<string, { events: LlmEvent[]; expiresAt: number }>()
  const nameOf = ({ tenant, hash }: ResponseKey): string => JSON.stringify([tenant, hash])
  return {
    async get(key, now) {
      const found = stored.get(nameOf(key))
      return found && found.expiresAt > now ? structuredClone(found.events) : undefined
    },
    async put(key, events, expiresAt) {
      stored.set(nameOf(key), { events: structuredClone([...events]), expiresAt })
    },
  }
}
