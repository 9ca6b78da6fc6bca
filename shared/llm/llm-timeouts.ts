/** Limits of one model call, in milliseconds. */
export type LlmTimeouts = {
  /** Longest silence from the request to the first text, thinking or other event. */
  firstTokenMs: number
  /** Longest silence between two events after the first one. */
  idleMs: number
  /** From the request to the end of the answer. A deployment says it in `providerTimeoutSeconds`. */
  totalMs: number
}

export const LLM_TIMEOUTS: LlmTimeouts = { firstTokenMs: 30_000, idleMs: 60_000, totalMs: 120_000 }
