/** Longest silences of a model call, in milliseconds. The total is bounded by the caller's signal. */
export type LlmTimeouts = {
  /** From the request to the first text, thinking or other event. */
  firstTokenMs: number
  /** Between two events after the first one. */
  idleMs: number
}

export const LLM_TIMEOUTS: LlmTimeouts = { firstTokenMs: 30_000, idleMs: 60_000 }
