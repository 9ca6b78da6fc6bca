import type { LlmEvent } from '#shared/llm/llm-provider.ts'

/** The key of a cached answer. `hash` covers everything that the answer depends on. */
export type ResponseKey = { tenant: string; hash: string }

/** Caches answers of models for a while, separately for each tenant. */
export type ResponseCacheStore = {
  /** @param now - milliseconds since the epoch. @returns undefined when there is no answer, or it has expired */
  get(key: ResponseKey, now: number): Promise<LlmEvent[] | undefined>
  /** @param expiresAt - milliseconds since the epoch */
  put(key: ResponseKey, events: readonly LlmEvent[], expiresAt: number): Promise<void>
}
