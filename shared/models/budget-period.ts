import type { BudgetPeriod } from '#shared/protocol/budget.ts'

/** The name of the period that contains a time, in UTC: `2026-11-21` or `2026-11`. */
export const periodOf = (period: BudgetPeriod, at: number): string =>
  new Date(at).toISOString().slice(0, period === 'day' ? 'yyyy-mm-dd'.length : 'yyyy-mm'.length)

/** When the next period begins, in milliseconds since the epoch. */
export function periodEnd(period: BudgetPeriod, at: number): number {
  const time = new Date(at)
  const [year, month, day] = [time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate()]
  return period === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1)
}
