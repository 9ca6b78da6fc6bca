/** How much the posts of the account press against their limit, and since when. */
export type CallbackPressure = {
  /** 0 is none. */
  steps: number
  /** Milliseconds since the epoch. */
  at: number
}

/** Keeps what all writers of the account know of the limit of their posts. */
export type CallbackBudgetStore = {
  read(): Promise<CallbackPressure | undefined>
  /** Writes `next` where `before` still stands, else nothing. */
  replace(before: CallbackPressure | undefined, next: CallbackPressure): Promise<void>
}
