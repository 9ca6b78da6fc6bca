import type { LlmSettings } from '#shared/protocol/llm.ts'

/** Limits of one model call, in milliseconds. */
export type LlmTimeouts = {
  /** Longest wait for a connection; more than 10 s has no effect, because `fetch` gives up then. */
  connectMs: number
  /** Longest silence from the request to the first text, thinking or other event. */
  firstTokenMs: number
  /** Longest silence between two events after the first one. */
  idleMs: number
  /** From the request to the end of the answer. Set per stage by `providerTimeoutSeconds`. */
  totalMs: number
}

export const LLM_TIMEOUTS: LlmTimeouts = { connectMs: 10_000, firstTokenMs: 30_000, idleMs: 60_000, totalMs: 120_000 }

/** The limits of an agent's calls: its own, and the stage's for those that it does not set. */
export function timeoutsOf({ timeouts = {} }: Pick<LlmSettings, 'timeouts'>, stage: LlmTimeouts): LlmTimeouts {
  const ms = (seconds: number | undefined, otherwise: number): number =>
    seconds === undefined ? otherwise : Math.round(seconds * 1_000)
  return {
    connectMs: ms(timeouts.connectSeconds, stage.connectMs),
    firstTokenMs: ms(timeouts.firstTokenSeconds, stage.firstTokenMs),
    idleMs: ms(timeouts.idleSeconds, stage.idleMs),
    totalMs: ms(timeouts.totalSeconds, stage.totalMs),
  }
}
