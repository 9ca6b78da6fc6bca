/** Longest silences of a model call, in milliseconds. The total is bounded by the caller's signal. */
export type LlmTimeouts = {
  /** From the request to the first text, thinking or other event. */
  firstTokenMs: number
  /** Between two events after the first one. */
  idleMs: number
}

export const LLM_TIMEOUTS: LlmTimeouts = { firstTokenMs: 30_000, idleMs: 60_000 }

/** Longest wait for a connection to a provider, in milliseconds; it is part of the wait for the first token. */
export const CONNECT_TIMEOUT_MS = 10_000
