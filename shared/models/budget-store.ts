/** One period of a budget: a day or a month. */
export type BudgetWindow = {
  tenant: string
  budgetId: string
  /** `2026-11-21`, or `2026-11`. */
  period: string
}

/** What was set aside for one call, and until when it counts; milliseconds since the epoch. */
export type Hold = { holdId: string; amountMicroUsd: number; until: number }

/** What is told once in a period. */
export type BudgetMark = 'warned' | 'exceeded'

/** How a period stands. */
export type BudgetSums = {
  spentMicroUsd: number
  /** Set aside, without what has expired. */
  reservedMicroUsd: number
  marks: BudgetMark[]
}

/** What budgets have come to. Every change is one conditional write: together they never pass a limit. */
export type BudgetStore = {
  /**
   * Sets an amount aside. Holds that have expired are given back when there is no room otherwise.
   *
   * @param limitMicroUsd - what may be spent and set aside together; anything when undefined
   * @returns how the period stands afterwards
   */
  hold(
    window: BudgetWindow,
    hold: Hold,
    limitMicroUsd: number | undefined,
    now: number,
  ): Promise<{ result: 'held' | 'refused' } & BudgetSums>
  /** Replaces a hold by what was spent; nothing happens when there is none any more. */
  settle(window: BudgetWindow, hold: Pick<Hold, 'holdId' | 'amountMicroUsd'>, spentMicroUsd: number): Promise<void>
  /** @returns whether it is the first time in this period */
  mark(window: BudgetWindow, mark: BudgetMark, now: number): Promise<boolean>
  read(window: BudgetWindow, now: number): Promise<BudgetSums>
}
