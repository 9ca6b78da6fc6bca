/** One period of a budget: a day or a month. */
export type BudgetWindow = {
  tenant: string
  budgetId: string
  /** `2026-11-21`, or `2026-11`. */
  period: string
}

/** An amount set aside for one call, and until when it counts, in milliseconds since the epoch. */
export type Hold = { holdId: string; amountMicroUsd: number; until: number }

/** Notices that are given once per period. */
export type BudgetMark = 'warned' | 'exceeded'

/** The sums of a period. */
export type BudgetSums = {
  spentMicroUsd: number
  /** The sum of all holds that have not expired. */
  reservedMicroUsd: number
  marks: BudgetMark[]
}

/** Stores what was spent and set aside. Every change is one conditional write, so concurrent calls never exceed a limit. */
export type BudgetStore = {
  /**
   * Sets an amount aside. Expired holds are released if there is no room otherwise.
   *
   * @param limitMicroUsd - most that may be spent and set aside together; undefined: no limit
   * @returns the sums of the period afterwards
   */
  hold(
    window: BudgetWindow,
    hold: Hold,
    limitMicroUsd: number | undefined,
    now: number,
  ): Promise<{ result: 'held' | 'refused' } & BudgetSums>
  /** Replaces a hold by what was spent; does nothing if the hold is gone. */
  settle(window: BudgetWindow, hold: Pick<Hold, 'holdId' | 'amountMicroUsd'>, spentMicroUsd: number): Promise<void>
  /** Records a notice. @returns whether it is the first one in this period */
  mark(window: BudgetWindow, mark: BudgetMark, now: number): Promise<boolean>
  read(window: BudgetWindow, now: number): Promise<BudgetSums>
}
