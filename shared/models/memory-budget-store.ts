import type { BudgetMark, BudgetStore, BudgetSums, BudgetWindow, Hold } from './budget-store.ts'

type Period = { spentMicroUsd: number; holds: Map<string, Hold>; marks: Set<BudgetMark> }

/** Budgets in memory, for tests. */
export function memoryBudgetStore(): BudgetStore {
  const periods = new Map<string, Period>()
  function of({ tenant, budgetId, period }: BudgetWindow): Period {
    const key = JSON.stringify([tenant, budgetId, period])
    const found = periods.get(key) ?? { spentMicroUsd: 0, holds: new Map(), marks: new Set() }
    periods.set(key, found)
    return found
  }
  return {
    async hold(window, hold, limit = Number.POSITIVE_INFINITY, now) {
      const period = of(window)
      const { spentMicroUsd, reservedMicroUsd } = sumsOf(period, now)
      if (spentMicroUsd + reservedMicroUsd + hold.amountMicroUsd > limit) return { result: 'refused', ...sumsOf(period, now) }
      period.holds.set(hold.holdId, hold)
      return { result: 'held', ...sumsOf(period, now) }
    },
    async settle(window, { holdId }, spentMicroUsd) {
      const period = of(window)
      if (period.holds.delete(holdId)) period.spentMicroUsd += spentMicroUsd
    },
    async mark(window, mark) {
      const { marks } = of(window)
      if (marks.has(mark)) return false
      marks.add(mark)
      return true
    },
    async read(window, now) {
      return sumsOf(of(window), now)
    },
  }
}

function sumsOf({ spentMicroUsd, holds, marks }: Period, now: number): BudgetSums {
  const counting = [...holds.values()].filter(({ until }) => until > now)
  return {
    spentMicroUsd,
    reservedMicroUsd: counting.reduce((sum, { amountMicroUsd }) => sum + amountMicroUsd, 0),
    marks: [...marks],
  }
}
