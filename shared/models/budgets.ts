import type { LlmCaller } from '#shared/llm/llm-providers.ts'

/** What was set aside for a call, in each budget that it counts for. */
export type Reservation = readonly { budgetId: string; period: string; holdId: string; amountMicroUsd: number }[]

export type Admission = {
  reservation: Reservation
  /** To be told in the stream: a budget that is nearly spent, a model whose price nobody knows. */
  warnings: string[]
}

/** What may still be spent. A tenant's budgets are read once a minute at the most; without any, nothing else is asked. */
export type Budgets = {
  /**
   * Sets aside what a call will about cost, in every budget it counts for, or in none. Strict: what is spent and set aside together never passes a
   * limit that stops. A reservation that is not settled counts for {@link HOLD_MS}.
   *
   * @param estimateMicroUsd - undefined when the model has no price
   * @throws SluiceError `budget_exceeded` naming the budget and when it is whole again
   */
  admit(caller: LlmCaller, estimateMicroUsd: number | undefined): Promise<Admission>
  /** Replaces what was set aside by what the call cost: 0 gives it back. Twice does nothing. */
  settle(caller: LlmCaller, reservation: Reservation, actualMicroUsd: number): Promise<void>
}

/** How long a reservation counts whose call never told what it cost: longer than any call. */
export const HOLD_MS = 960_000
