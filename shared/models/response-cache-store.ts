import type { LlmEvent } from '#shared/llm/llm-provider.ts'

/** Where answers are kept. `hash` stands for all that was asked. */
export type ResponseKey = { tenant: string; hash: string }

/** Answers of models, kept for a while; a tenant never sees those of another. */
export type ResponseCacheStore = {
  /** Undefined when there is none, or it is too old. @param now - milliseconds since the epoch */
  get(key: ResponseKey, now: number): Promise<LlmEvent[] | undefined>
  /** @param expiresAt - milliseconds since the epoch */
  put(key: ResponseKey, events: readonly LlmEvent[], expiresAt: number): Promise<void>
}
